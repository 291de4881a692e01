/** A buyer's own system that takes leads, and verifies them with the library of Standard Webhooks. */

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';

export interface Delivered {
  webhookId: string;
  email: string;
  test: boolean;
}

export class Destination {
  /** What arrived with a valid signature. */
  readonly leads: Delivered[] = [];
  /** How many requests had no valid signature. */
  forged = 0;
  secret = '';
  #server: Server | undefined;
  #port = 0;

  /** Listens, on the same port as before if it did before. */
  async start(): Promise<void> {
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        try {
          const headers = request.headers as Record<string, string>;
          const verified = new Webhook(this.secret).verify(body, headers) as {
            data: { lead: { test: boolean }; fields: { email?: string } };
          };
          const { lead, fields } = verified.data;
          this.leads.push({ webhookId: headers['webhook-id'] ?? '', email: fields.email ?? '', test: lead.test });
          response.writeHead(200).end('thank you');
        } catch {
          this.forged += 1;
          response.writeHead(401).end();
        }
      });
    });
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => (this.#server ? this.#server.close(resolve) : resolve(undefined)));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/leads`;
  }

  /** The addresses of real leads, each once for each time it arrived. */
  emails(): string[] {
    return this.leads.filter(({ test }) => !test).map(({ email }) => email);
  }
}
