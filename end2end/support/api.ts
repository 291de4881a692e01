/** An account's own system, which calls the API with a key. */

import { expect, request, type APIRequestContext } from '@playwright/test';
import type { Person } from './person.ts';
import type { Site } from './settings.ts';

export type Way = 'source' | 'recipient';

export interface Entity {
  id: string;
  name: string;
  source: string | null;
  recipient: string | null;
  pending: boolean;
  expired: boolean;
  connected: 'seller' | 'buyer' | 'both' | null;
  connected_account_id: string | null;
  deprecated: boolean;
  see: string | null;
  flow_ids: string[];
}

/** The result of an invitation. Without a message, nothing was sent. */
export interface Invited {
  message?: string;
  entity: Entity;
}

export interface FlowSource {
  id: string;
  flow_id: string;
  entity_id: string;
  name: string;
  state: 'custom' | 'standard' | 'connected' | 'pending' | 'declined' | 'expired' | 'revoked' | 'disconnected';
  enabled: boolean;
  mappings: { property: string; value: string }[];
  acceptance_criteria: unknown;
  submit_url: string;
}

export interface Flow {
  id: string;
  name: string;
  sources: FlowSource[];
}

export interface Connection {
  id: string;
  account_name: string;
  /** The role of the other company. */
  direction: 'seller' | 'buyer';
  disconnected_at: string | null;
  flow_ids: string[];
}

/** Options of a call. */
interface Call {
  body?: unknown;
  status?: number;
}

export class System {
  constructor(private readonly requests: APIRequestContext) {}

  static async start(site: Site, key: string): Promise<System> {
    const httpCredentials = { username: 'API', password: key, send: 'always' } as const;
    return new System(await request.newContext({ baseURL: site.url, httpCredentials }));
  }

  stop(): Promise<void> {
    return this.requests.dispose();
  }

  /** Calls the API, expects this status, and returns the body. */
  async call<T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, { body, status = 200 }: Call = {}): Promise<T> {
    const response = await this.requests.fetch(path, { method, ...(body === undefined ? {} : { data: body }) });
    const text = await response.text();
    expect(response.status(), `${method} ${path}: ${text}`).toBe(status);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  get<T>(path: string, status = 200): Promise<T> {
    return this.call<T>('GET', `/api/v1${path}`, { status });
  }

  createFlow(name: string, fields: string[]): Promise<Flow> {
    return this.call('POST', '/api/v1/flows', { body: { name, fields }, status: 201 });
  }

  /** As a client of the documented original API would. */
  invite(way: Way, body: { email: string; flow_id?: string; note?: string }, status = 201): Promise<Invited> {
    return this.call('POST', `/invitations/${way}`, { body, status });
  }

  entity(id: string): Promise<Entity> {
    return this.get(`/entities/${id}`);
  }

  /** The entities that stand for companies, without standard integrations. */
  async companies(): Promise<Entity[]> {
    const entities = await this.get<(Entity & { account: boolean })[]>('/entities');
    return entities.filter((entity) => entity.account);
  }

  /** The only source of a flow. */
  async sourceOf(flow: { id: string }): Promise<FlowSource> {
    const { sources } = await this.get<Flow>(`/flows/${flow.id}`);
    expect(sources, 'the sources of the flow').toHaveLength(1);
    return sources[0] as FlowSource;
  }

  change(source: FlowSource, body: Record<string, unknown>): Promise<FlowSource> {
    return this.call('PUT', `/api/v1/flows/${source.flow_id}/sources/${source.id}`, { body });
  }

  /** The Submission Docs of a source as data. */
  meta<T>(source: FlowSource, status = 200): Promise<T> {
    return this.call('GET', `/flows/${source.flow_id}/sources/${source.id}/meta`, { status });
  }

  connections(): Promise<Connection[]> {
    return this.get('/connections');
  }

  disconnect(connection: Connection): Promise<void> {
    return this.call('DELETE', `/api/v1/connections/${connection.id}`, { status: 204 });
  }
}

/** The response to a lead, with its status. */
export interface Submitted {
  status: number;
  outcome: 'success' | 'failure' | 'error';
  reason?: string;
  lead?: { id: string };
}

/** Sends a lead to the submission URL from a source's docs. */
export async function submit(to: { submit_url: string }, lead: Record<string, string>): Promise<Submitted> {
  const response = await fetch(to.submit_url, { method: 'POST', body: new URLSearchParams(lead) });
  return { status: response.status, ...((await response.json()) as Omit<Submitted, 'status'>) };
}

/** Creates an API key on the settings page, which shows it once. Returns the key. */
export async function createKey(person: Person, name: string): Promise<string> {
  await person.open('/settings/keys');
  await person.field('Key name').fill(name);
  await person.button('Create API key').click();
  await person.seesMessage('API key created.');
  const key = (await person.page.getByRole('region', { name: 'API key', exact: true }).innerText()).trim();
  expect(key, 'the key that is shown once').toMatch(/^\S{30,}$/);
  return key;
}
