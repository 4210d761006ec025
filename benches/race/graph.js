// The same reads with the Microsoft Graph JavaScript client: what is independent together, pages followed.
// Started by race.py, which says what to read.
const {
  Client,
  HTTPMessageHandler,
  RetryHandler,
  RetryHandlerOptions,
} = require("@microsoft/microsoft-graph-client");

const race = process.argv[2];
const paths = JSON.parse(process.env.RACE_PATHS);
const root = process.env.SSPR_GRAPH_URL;

// Its own way to sign in takes the token off requests to plain http, which the sandbox is: one step less here.
const middleware = new RetryHandler(new RetryHandlerOptions());
middleware.setNext(new HTTPMessageHandler());
const client = Client.initWithMiddleware({ baseUrl: root + "/", middleware });
const headers = (token) => ({ Authorization: `Bearer ${token}`, ConsistencyLevel: "eventual" });
const graph = headers(process.env.SSPR_GRAPH_TOKEN);
const portal = headers(process.env.SSPR_PORTAL_TOKEN);

async function main() {
  // It takes whole URLs of https hosts alone, so that links to next pages lose their host here.
  const get = (headers, path) => {
    const [, version, rest] = path.replace(root, "").match(/^\/(v1\.0|api)(.*)$/);
    return client.api(rest).version(version).headers(headers).get();
  };
  const asked = paths.first.map((path) => get(graph, path));
  if (race === "plan") asked.push(get(portal, paths.portal));
  const answers = await Promise.all(asked);
  const group = answers[1].value[0].id;
  let [, page] = await Promise.all(paths.second.map((path) => get(graph, path.replace("GROUP", group))));
  let members = page.value.length;
  while (race === "people" && page["@odata.nextLink"]) {
    page = await get(graph, page["@odata.nextLink"]);
    members += page.value.length;
  }
  console.log(members);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
