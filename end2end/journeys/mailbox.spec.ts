/** Without a mail server, development keeps emails and shows them as the recipient would see them. */

import { uniqueLogin } from '../support/companies.ts';
import { expect, test } from '../support/fixtures.ts';
import { stage } from '../support/settings.ts';
import type { Mail } from '../support/smtp-sink.ts';

test.use({ site: async ({}, use) => use(stage().mailless) });

test('an invitation is read in the mailbox and its link opens', { tag: '@once' }, async ({ people, site, request }) => {
  const [buyer, seller] = await Promise.all([people.buyer(), people.seller()]);
  const { email } = uniqueLogin('Seller');
  await buyer.createFlow('Solar leads');
  await buyer.invite(email, 'Look at this.');

  let mail: Mail | undefined;
  const kept = async (): Promise<boolean> => {
    const mails = (await (await request.get(`${site.url}/dev/mailbox.json`)).json()) as Mail[];
    mail = mails.find((one) => one.to === email);
    return mail !== undefined;
  };
  await expect.poll(kept, 'the mail is in the mailbox').toBe(true);
  expect(mail).toMatchObject({
    subject: expect.stringContaining(buyer.company.company),
    text: expect.stringContaining('Look at this.'),
    html: expect.stringContaining('Look at this.'),
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
  });
  const link = mail?.links.find((one) => one.startsWith(`${site.url}/i/`)) ?? '';
  expect(link).not.toBe('');

  await seller.open('/dev/mailbox');
  await seller.page.getByRole('row').filter({ hasText: email }).getByRole('link').click();
  await seller.arrivesAt(new RegExp(buyer.company.company));
  // The frame runs no JavaScript, not even the test's, so its content is requested directly.
  const frame = await seller.page.locator('iframe').getAttribute('src');
  expect(await (await request.get(`${site.url}${frame}`)).text()).toContain(`href="${link}"`);
  await seller.link('Text').click();
  await seller.sees(seller.page.getByRole('region', { name: 'The email as text' }).getByText('Look at this.'));
  await seller.link('Source').click();
  await seller.sees(seller.page.getByRole('region', { name: 'The whole message' }).getByText('MIME-Version'));
  await seller.openInvitation(link, buyer.company.company);
});
