// Follows the tags of the containers of this machine: node watch.mjs [SOCKET]
import http from 'node:http';
import readline from 'node:readline';

const socketPath = process.argv[2] ?? '/run/tagger/tagger.sock';
const path = '/v1/watch?prefix=container_id&cardinality=high';

const request = http.get({ socketPath, path }, (response) => {
  const lines = readline.createInterface({ input: response });
  lines.on('line', (line) => {
    const { type, entity = '', tags = [] } = JSON.parse(line);
    if (response.statusCode !== 200) {
      fail(line);
    } else if (type !== 'alive') {
      console.log(type, entity, `[${tags.join(' ')}]`);
    }
  });
  lines.on('error', () => fail('the agent went away'));
  lines.on('close', () => fail('the agent went away'));
});
request.on('error', (error) => fail(error.message));

function fail(reason) {
  console.error(reason);
  process.exit(1);
}
