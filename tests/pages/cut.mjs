// A line between browser and service that breaks when told: it ends connections after so many bytes of one upload.
import net from 'node:net';

/** Listens on a port of its own and passes everything on to `port`. */
export async function line(port) {
  const open = new Set();
  // `left`: bytes that pass before every connection that carries a PATCH ends; `down`: nothing gets through at all.
  const state = { left: Infinity, down: false, cuts: 0 };
  const server = net.createServer((client) => {
    if (state.down) return client.destroy();
    const service = net.connect(port, '127.0.0.1');
    const both = [client, service];
    both.forEach((one) => { open.add(one); one.on('error', () => {}); one.on('close', () => { open.delete(one); both.forEach((end) => end.destroy()); }); });
    let sending = false;
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
        // The service sees an end without the rest; what has passed is on its side already.
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
