/** What the command that runs the tests tells by the environment, and what the stage adds for the workers. */

import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout: the server reads its options from there. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set. Run the browser tests by: make e2e`);
  return value;
}

/** Addresses of one database: the application's role, and the role that owns the tables. */
export interface Database {
  app: string;
  owner: string;
}

export const database = (suffix: '' | '_2'): Database => ({
  app: setting(`ACCORD_E2E_DATABASE_URL${suffix}`),
  owner: setting(`ACCORD_E2E_DATABASE_OWNER_URL${suffix}`),
});

/** A running server, as the tests see it. */
export interface Site {
  url: string;
  /** What its programs are started with; `accord account create` needs the same. */
  environment: Record<string, string>;
}

/** What is running while the tests run. */
export interface Stage {
  /** Mails leave over SMTP and are caught. */
  main: Site;
  /** No mail server: mails are kept at /dev/mailbox. */
  mailless: Site;
  /** Where the caught mails can be asked for. */
  mails: string;
}

const NAME = 'ACCORD_E2E_STAGE';

export function announceStage(stage: Stage): void {
  process.env[NAME] = JSON.stringify(stage);
}

export const stage = (): Stage => JSON.parse(setting(NAME)) as Stage;
