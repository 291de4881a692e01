/** Settings from the environment: from the command that runs the tests, and from the stage for its workers. */

import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout, where the server reads its options. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The browser of the tests. */
export const CHROMIUM = process.env.ACCORD_CHROMIUM ?? '/usr/bin/chromium-headless-shell';

export function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set. Run the browser tests with: make e2e`);
  return value;
}

/** The URLs of one database: for the application's role, and for the role that owns the tables. */
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
  /** The environment of its programs. `accord account create` needs the same. */
  environment: Record<string, string>;
}

/** The servers that run during the tests. */
export interface Stage {
  /** Sends emails over SMTP, where they are caught. */
  main: Site;
  /** Has no mail server: emails are kept at /dev/mailbox. */
  mailless: Site;
  /** The URL of the caught emails. */
  mails: string;
}

const NAME = 'ACCORD_E2E_STAGE';

export function announceStage(stage: Stage): void {
  process.env[NAME] = JSON.stringify(stage);
}

export const stage = (): Stage => JSON.parse(setting(NAME)) as Stage;
