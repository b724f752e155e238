// The user under which the platform reads and writes its own database, and no other. Run once, when the store is empty.
const { readFileSync } = require("fs");
db.getSiblingDB("sk").createUser({
  user: "sk",
  pwd: readFileSync("/run/secrets/store/password", "utf8").trim(),
  roles: ["readWrite"],
});
