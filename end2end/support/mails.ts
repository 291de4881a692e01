/** The emails that the server sent over SMTP. */

import { expect } from '@playwright/test';
import { stage } from './settings.ts';
import type { Mail } from './smtp-sink.ts';

/** Emails arrive within about a tenth of a second; Playwright's default intervals of up to a second would slow every test. */
const POLLS = [50, 50, 100, 100, 200];

/** All emails to an address, newest first. */
export async function mailsTo(address: string): Promise<Mail[]> {
  const response = await fetch(`${stage().mails}?to=${encodeURIComponent(address)}`);
  return (await response.json()) as Mail[];
}

/** Waits for `count` emails to an address with this subject, and returns the newest. */
export async function mailTo(address: string, subject: string | RegExp = '', count = 1): Promise<Mail> {
  let found: Mail | undefined;
  const look = async (): Promise<boolean> => {
    const fits = (mail: Mail): boolean =>
      typeof subject === 'string' ? mail.subject.includes(subject) : subject.test(mail.subject);
    const all = (await mailsTo(address)).filter(fits);
    found = all[0];
    return all.length >= count;
  };
  await expect.poll(look, { message: `an email to ${address} about "${subject}"`, timeout: 20_000, intervals: POLLS }).toBe(true);
  return found as unknown as Mail;
}

/** The only link in an email whose path starts with this. */
export function linkIn(mail: Mail, path: string): string {
  const links = mail.links.filter((link) => new URL(link).pathname.startsWith(path));
  expect(links, `one link to ${path} in the email "${mail.subject}"`).toHaveLength(1);
  return links[0] ?? '';
}
