// Sends the form that leads somebody to a portal, so that nobody has to press its button.
document.querySelector("form[data-leave]").requestSubmit();
