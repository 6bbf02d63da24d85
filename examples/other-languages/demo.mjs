// A customer at the cap, a webhook that fails and is retried, and a fault, against a
// server of the script's own. It needs Node.js 18 or later, and no package:
//
//   go run github.com/nahook/nahook-go/mockserver/cmd/nahook-mock@latest exec --clock manual -- node demo.mjs

const {
  NAHOOK_API_URL, NAHOOK_WORKSPACE_ID, NAHOOK_MANAGEMENT_TOKEN, NAHOOK_API_KEY, NAHOOK_MOCK_CONTROL_URL, NAHOOK_MOCK_CONTROL_TOKEN,
} = process.env;

async function send(token, method, url, body) {
  const response = await fetch(url, {
    method,
    headers: { Authorization: `Bearer ${token}`, ...(body && { 'Content-Type': 'application/json' }) },
    body: body && JSON.stringify(body),
  });
  return { ...(await response.json()), answered: response.status };
}

const api = (method, path, body) => send(NAHOOK_MANAGEMENT_TOKEN, method, `${NAHOOK_API_URL}/management/v1/workspaces/${NAHOOK_WORKSPACE_ID}${path}`, body);
const ingest = (endpoint, payload) => send(NAHOOK_API_KEY, 'POST', `${NAHOOK_API_URL}/api/ingest/${endpoint}`, { payload });
const control = async (method, route, body) => {
  const answer = await send(NAHOOK_MOCK_CONTROL_TOKEN, method, `${NAHOOK_MOCK_CONTROL_URL}/${route}`, body);
  if (answer.error) throw new Error(`${route}: ${answer.error.message}`); // such as a clock that runs: exec needs --clock manual
  return answer;
};

const app = await api('POST', '/applications', { name: 'Acme Corp', maxEndpoints: 1 });
const hooks = await control('POST', 'receivers', { replies: [{ status: 503 }, {}] });
const endpoint = await api('POST', `/applications/${app.id}/endpoints`, { url: hooks.url });
console.log(`the first endpoint: ${endpoint.answered}`);
const refused = await api('POST', `/applications/${app.id}/endpoints`, { url: 'https://acme.example/hooks' });
console.log(`the second endpoint: ${refused.answered} ${refused.error.code}`);

const { deliveryId } = await ingest(endpoint.id, { order: 'ord_123' });
console.log(`sent: ${(await api('GET', `/deliveries/${deliveryId}`)).status}`);
await control('POST', 'advance', { by: '5s' });
console.log(`five seconds later: ${(await api('GET', `/deliveries/${deliveryId}`)).status}`);

await control('POST', 'faults', { match: { operation: 'applications.get' }, do: { effect: 'status', code: 503 } });
console.log(`under a fault: ${(await api('GET', `/applications/${app.id}`)).answered}`);
console.log(`after it: ${(await api('GET', `/applications/${app.id}`)).answered}`);

const { matched } = await control('GET', 'journal?operation=delivery.attempt&limit=0');
console.log(`attempts: ${matched}`);
