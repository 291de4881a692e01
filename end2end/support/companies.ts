/** Companies and users, created with the program's own command. */

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { ROOT, setting, type Site } from './settings.ts';

const run = promisify(execFile);

/** The details of a user, or of someone about to sign up. */
export interface Login {
  name: string;
  company: string;
  email: string;
  password: string;
}

export interface Company extends Login {
  accountId: string;
  apiKey: string;
}

export type Plan = 'base' | 'pro' | 'partners' | 'none';

export interface Subscriptions {
  plan: Plan;
  trustedform?: boolean;
  /** Overrides the generated name. */
  company?: string;
}

/** Unique names and a unique address. */
export function uniqueLogin(role: string): Login {
  const mark = randomBytes(5).toString('hex');
  return {
    name: `${role} ${mark} Person`,
    company: `${role} ${mark} Company`,
    email: `${role.toLowerCase()}.${mark}@${role.toLowerCase()}-${mark}.example`,
    password: `correct horse ${mark}`,
  };
}

export async function createCompany(site: Site, role: string, subscriptions: Subscriptions): Promise<Company> {
  const login = uniqueLogin(role);
  login.company = subscriptions.company ?? login.company;
  const { company, name, email, password } = login;
  const words = ['--company', company, '--name', name, '--email', email, '--password', password];
  words.push('--plan', subscriptions.plan, ...(subscriptions.trustedform ? ['--trustedform'] : []));
  const { stdout } = await run(setting('ACCORD_BIN'), ['account', 'create', ...words], { cwd: ROOT, env: site.environment });
  const made = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { account_id: string; api_key: string };
  return { ...login, accountId: made.account_id, apiKey: made.api_key };
}
