/** Starts and stops the program under test. */

import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ROOT, setting, type Database, type Site } from './settings.ts';

const LOGS = join(ROOT, 'end2end/test-results');
const START_TIMEOUT = 60_000;

export interface Running {
  site: Site;
  /** Stops the server. Fails if it panicked, returned a 5xx, or does not stop on request. */
  stop(): Promise<void>;
}

/** Starts `accord serve`, which migrates its database first, and waits until it is ready. */
export async function startServer(name: string, database: Database, smtp?: string): Promise<Running> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const environment: Record<string, string> = {
    PATH: process.env.PATH ?? '',
    HOME: process.env.HOME ?? '/',
    ACCORD_ENV: 'development',
    LISTEN_ADDR: `127.0.0.1:${port}`,
    BASE_URL: url,
    DATABASE_URL: database.app,
    DATABASE_OWNER_URL: database.owner,
    DATABASE_CONNECTIONS: '8',
    SECRET_KEY: randomBytes(32).toString('hex'),
    MAIL_FROM: 'Accord <accord@accord.example>',
    OPERATOR_EMAIL: 'operator@accord.example',
    SIGNUP_PLAN: 'base',
    DELIVERY_ALLOW: '127.0.0.0/8',
    LEPTOS_SITE_ROOT: setting('ACCORD_SITE'),
    ...(smtp ? { SMTP_URL: smtp } : {}),
  };
  mkdirSync(LOGS, { recursive: true });
  const log = join(LOGS, `${name}.log`);
  const server = spawn(setting('ACCORD_BIN'), ['serve'], { cwd: ROOT, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const file = createWriteStream(log);
  server.stdout.pipe(file, { end: false });
  server.stderr.pipe(file, { end: false });
  await ready(server, url, log);
  return { site: { url, environment }, stop: () => stop(server, log) };
}

async function ready(server: ChildProcess, url: string, log: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT;
  while (Date.now() < deadline) {
    if (server.exitCode !== null) throw new Error(`The server exited immediately:\n${readFileSync(log, 'utf8')}`);
    const response = await fetch(`${url}/health/ready`).catch(() => undefined);
    if (response?.ok) return;
    await pause(100);
  }
  server.kill('SIGKILL');
  throw new Error(`The server was not ready within a minute:\n${readFileSync(log, 'utf8')}`);
}

async function stop(server: ChildProcess, log: string): Promise<void> {
  if (server.exitCode === null) {
    const ended = once(server, 'exit');
    server.kill('SIGTERM');
    const late = pause(15_000, 'late', { ref: false });
    if ((await Promise.race([ended, late])) === 'late') {
      server.kill('SIGKILL');
      throw new Error('The server did not stop within 15 seconds of SIGTERM.');
    }
  }
  const faults = readFileSync(log, 'utf8')
    .replaceAll(/\u001b\[[0-9;]*m/g, '')
    .split('\n')
    .filter((line) => /panicked at|status=5\d\d/.test(line));
  if (faults.length > 0) throw new Error(`The server failed (${log}):\n${faults.join('\n')}`);
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done));
  const { port } = probe.address() as AddressInfo;
  await new Promise((done) => probe.close(done));
  return port;
}
