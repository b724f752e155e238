"""Service providers of SAML 2.0 that others wrote, and those who would like to be taken for one."""
