// A line between browser and service that breaks when told: it ends connections after so many bytes of one upload.
import net from 'node:net';

/** Listens on a port of its own and passes everything on to `port`. */
export async function line(port) {
  const open = new Set();
  // `left`: bytes that pass before every connection that carries a PATCH ends; `down`: nothing gets through at all;
  // `then`: what the line is after a cut.
  const state = { left: Infinity, down: false, then: '', cuts: 0 };
  const server = net.createServer((client) => {
    if (state.down) return client.destroy();
    const service = net.connect(port, '127.0.0.1');
    const both = [client, service];
    both.forEach((one) => { open.add(one); one.on('error', () => {}); one.on('close', () => { open.delete(one); if (!cut) both.forEach((end) => end.destroy()); }); });
    let sending = false, cut = false;
    client.on('data', (bytes) => {
      if (state.down) return client.destroy();
      sending ||= bytes.includes('PATCH /api/v1/uploads/');
      if (!sending || state.left === Infinity) return void service.write(bytes);
      const some = bytes.subarray(0, state.left);
      state.left -= some.length;
      service.write(some, () => {
        if (state.left > 0) return;
        state.cuts++;
        state.left = Infinity;
        state.down = state.then === 'down';
        state.then = '';
        // The service reads what has passed, and then the end; a browser may send the request again by itself.
        cut = true;
        service.end();
        client.destroy();
      });
    });
    service.on('data', (bytes) => client.write(bytes));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const stop = () => new Promise((done) => { open.forEach((one) => one.destroy()); server.close(done); });
  return { url: `http://127.0.0.1:${server.address().port}`, state, stop };
}
