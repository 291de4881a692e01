/** A mail server that accepts every message and lists it over HTTP. */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';

/** An email as a mail program shows it. */
export interface Mail {
  /** The recipient in the envelope. */
  to: string;
  from: string;
  subject: string;
  text: string;
  html: string;
  /** Every link in the email, from both parts. */
  links: string[];
  /** By lower-case name. */
  headers: Record<string, string>;
  at: string;
}

export interface Sink {
  smtp: string;
  http: string;
  stop(): Promise<void>;
}

export async function startSink(): Promise<Sink> {
  const mails: Mail[] = [];
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData(stream, session, done) {
      const to = session.envelope.rcptTo.map((recipient) => recipient.address);
      buffer(stream)
        .then((raw) => read(raw, to))
        .then((read) => mails.unshift(...read))
        .then(() => done(), done);
    },
  });
  const http = createServer((request, response) => {
    const to = new URL(request.url ?? '/', 'http://localhost').searchParams.get('to')?.toLowerCase();
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(mails.filter((mail) => !to || mail.to.toLowerCase() === to)));
  });
  await Promise.all([listen(smtp.server as Server), listen(http)]);
  return {
    smtp: `smtp://127.0.0.1:${port(smtp.server as Server)}`,
    http: `http://127.0.0.1:${port(http)}/mails`,
    async stop() {
      http.closeAllConnections();
      await Promise.all([new Promise((done) => http.close(done)), new Promise<void>((done) => smtp.close(done))]);
    },
  };
}

async function read(raw: Buffer, recipients: string[]): Promise<Mail[]> {
  const mail = await PostalMime.parse(raw);
  const [text, html] = [mail.text ?? '', mail.html ?? ''];
  const parsed = {
    from: mail.from?.address ?? '',
    subject: mail.subject ?? '',
    text,
    html,
    links: links(text, html),
    headers: Object.fromEntries(mail.headers.map(({ key, value }) => [key, value])),
    at: new Date().toISOString(),
  };
  return recipients.map((to) => ({ to, ...parsed }));
}

function links(text: string, html: string): string[] {
  const plain = text.match(/https?:\/\/[^\s<>"]+/g) ?? [];
  const linked = [...html.matchAll(/href="(https?:[^"]+)"/g)].map((found) => (found[1] ?? '').replaceAll('&amp;', '&'));
  return [...new Set([...plain, ...linked])];
}

const listen = (server: Server): Promise<void> => new Promise((done) => server.listen(0, '127.0.0.1', done));

const port = (server: Server): number => (server.address() as AddressInfo).port;
