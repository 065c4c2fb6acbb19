// A service of our own for the tests of the pages: temporary folder, free port, ended by its process id.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Starts `coreanvil serve` and waits until it listens; `more` are further flags. */
export async function serve(binary, more = []) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'coreanvil-pages-'));
  const env = { ...process.env, COREANVIL_LOG__FILTER: 'warn' };
  const child = spawn(binary, ['serve', '--listen', '127.0.0.1:0', '--data', path.join(folder, 'data'), ...more], { cwd: folder, env });
  const output = [];
  const gone = new Promise((done) => child.once('exit', done));
  const found = await new Promise((done, fail) => {
    let text = '';
    const hear = (chunk) => {
      text += chunk;
      output.push(String(chunk));
      const listening = /listening on (\S+)/.exec(text), token = /shown this once: (\S+)/.exec(text);
      if (listening && token) done({ url: listening[1].replace(/\/$/, ''), token: token[1] });
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('exit', (code) => fail(new Error(`the service ended with ${code}:\n${text}`)));
  });
  const stop = async () => {
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 10000);
    await gone;
    clearTimeout(late);
    fs.rmSync(folder, { recursive: true, force: true });
  };
  return { ...found, folder, output, stop };
}
