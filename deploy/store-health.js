// Healthy once it is the primary of its replica set of one, which the first look begins: mongosh --nodb store-health.js
const { readFileSync } = require("fs");
const password = readFileSync("/run/secrets/store/root-password", "utf8").trim();
const admin = connect(`mongodb://root:${password}@localhost:27017/admin?directConnection=true`);
if (!admin.hello().setName) {
  admin.adminCommand({ replSetInitiate: { _id: "sk", members: [{ _id: 0, host: "store:27017" }] } });
}
quit(admin.hello().isWritablePrimary ? 0 : 1);
