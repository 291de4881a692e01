/** Rejected forms show errors at their fields, keep the input and change nothing; also before a page is live. */

import type { Page } from '@playwright/test';
import type { Buyer } from '../support/buyer.ts';
import { uniqueLogin } from '../support/companies.ts';
import { expect, test } from '../support/fixtures.ts';
import { linkIn, mailsTo, mailTo } from '../support/mails.ts';

const ONE_ADDRESS = 'Enter only one email address.';
const NO_ADDRESS = 'Enter an email address like name@example.com.';

test.describe('an invitation', () => {
  test('to anything but one address is rejected at the field', async ({ people }) => {
    const buyer = await people.buyer();
    const flow = await buyer.createFlow('Solar leads');
    await buyer.openInvitation();
    const cases = [
      ['seller@', NO_ADDRESS],
      ['', /^Enter an e-?mail address/],
      ['one@example.com, two@example.com', ONE_ADDRESS],
      ['one@example.com;two@example.com', ONE_ADDRESS],
    ] as const;
    for (const [email, sentence] of cases) {
      await buyer.fill({ 'Company Email': email, 'Add a personal note': 'Hello' });
      await refusedBySend(buyer);
      await buyer.seesFieldError('Company Email', sentence, email);
      await expect(buyer.field('Add a personal note')).toHaveValue('Hello');
    }
    await buyer.openSources(flow);
    await expect(buyer.page.getByText('Connection Pending')).toHaveCount(0);
  });

  test('with a note of 501 characters is rejected, and with 500 it is sent', async ({ people }) => {
    const buyer = await people.buyer();
    const { email } = uniqueLogin('Seller');
    const note = 'é'.repeat(501);
    await buyer.createFlow('Solar leads');
    await buyer.openInvitation();
    await buyer.field('Company Email').fill(email);
    await typeBeyondLimit(buyer, note);
    await refusedBySend(buyer);
    await buyer.seesFieldError('Add a personal note', 'Use at most 500 characters for the note.', note);
    await expect(buyer.field('Company Email')).toHaveValue(email);
    expect(await mailsTo(email)).toEqual([]);

    await buyer.field('Add a personal note').fill(note.slice(1));
    await buyer.button('Send Invite').click();
    await buyer.sees(buyer.source(email));
    expect((await mailTo(email, buyer.company.company)).text).toContain('é'.repeat(60));
  });

  test("to the buyer's own address is rejected", { tag: '@once' }, async ({ people }) => {
    const buyer = await people.buyer();
    await buyer.createFlow('Solar leads');
    await buyer.openInvitation();
    await buyer.field('Company Email').fill(buyer.company.email);
    await refusedBySend(buyer);
    await buyer.seesFieldError('Company Email', 'This address belongs to your own account.', buyer.company.email);
  });
});

test('a flow without a name is rejected, and the chosen fields are kept', async ({ people }) => {
  const buyer = await people.buyer();
  await buyer.open('/flows/new');
  const fields = buyer.page.getByRole('group', { name: 'Fields' });
  await fields.getByRole('checkbox', { name: 'Credit Rating' }).check();
  await fields.getByRole('checkbox', { name: 'First Name' }).uncheck();
  await buyer.watch.refusal(422, () => buyer.button('Create flow').click());
  await buyer.seesFieldError('Flow name', 'Enter a name for the flow.', '');
  await expect(fields.getByRole('checkbox', { name: 'Credit Rating' })).toBeChecked();
  await expect(fields.getByRole('checkbox', { name: 'First Name' })).not.toBeChecked();
});

test('markup in names is shown as text everywhere', { tag: '@once' }, async ({ people }) => {
  const markup = '<b>Bold</b> & "Sons" <img src=x onerror=alert(1)>';
  const [buyer, seller] = await Promise.all([people.buyer({ company: markup }), people.seller()]);
  const invited = { ...uniqueLogin('Seller'), company: '</title><script>alert(2)</script>' };
  const flow = await buyer.createFlow('</textarea><script>alert(3)</script>');
  await buyer.invite(invited.email, '</textarea><script>alert(4)</script>');
  const mail = await mailTo(invited.email, markup);
  expect(mail.html).not.toMatch(/<script|<img|<b>/);

  await seller.openInvitation(linkIn(mail, '/i/'), markup);
  await expect(seller.page.getByRole('main')).toContainText('</textarea><script>alert(4)</script>');
  await seller.createAccount(invited);
  await seller.accept(invited.company, markup);
  await seller.openDocs(markup, flow.name);
  expect(await seller.page.title()).toContain(`${invited.company} for ${flow.name}`);

  await buyer.awaitChange();
  await buyer.sees(buyer.source(invited.company));
  await buyer.open('/flows');
  await expect(buyer.link(flow.name)).toBeVisible();
  for (const { page } of [buyer, seller]) await expect(page.locator('main img, main b, main script')).toHaveCount(0);
});

test.describe('before the page is live', { tag: '@needs-script' }, () => {
  test('a rejected editor keeps the input and works once the script has loaded', async ({ people }) => {
    const buyer = await people.buyer();
    const { email } = uniqueLogin('Seller');
    const flow = await buyer.createFlow('Solar leads');
    await buyer.invite(email);
    await buyer.openSource(flow, email);
    const arrive = await holdClient(buyer.page);
    await buyer.page.reload();

    await buyer.addMapping('State', 'st');
    await buyer.addMapping('Email', '');
    await buyer.watch.refusal(422, () => buyer.button('Save').click());
    const second = buyer.page.locator('[name="row-1-value"]');
    const isRefused = async (): Promise<void> => {
      await expect(second).toHaveAccessibleDescription("Enter the seller's parameter for each mapping.");
      await expect(buyer.page.locator('[name="row-0-value"]')).toHaveValue('st');
      await expect(buyer.page.locator('[name="row-1-property"]')).toHaveValue('email');
    };
    await isRefused();

    await arrive();
    await buyer.checkPage();
    await isRefused();
    await second.fill('mail');
    await buyer.save();
    await buyer.open(buyer.page.url());
    await expect(second).toHaveValue('mail');
  });

  test('Add Source works page by page up to an invitation', async ({ people }) => {
    const buyer = await people.buyer();
    const { email } = uniqueLogin('Seller');
    await buyer.createFlow('Solar leads');
    await holdClient(buyer.page);
    await buyer.page.reload();
    await buyer.control('Add Source').click();
    await expect(buyer.page).toHaveURL(/\/sources\/add$/);
    await buyer.watch.checkPage();
    await buyer.control('Create a new source').click();
    await expect(buyer.page.getByRole('radio', { name: 'Invite Partner' })).toBeChecked();
    await buyer.watch.checkPage();
    await buyer.button('Next').click();
    await expect(buyer.page.getByRole('heading', { name: 'Preview' })).toBeVisible();
    await buyer.watch.checkPage();
    await buyer.field('Company Email').fill(email);
    await buyer.button('Send Invite').click();
    await expect(buyer.source(email)).toBeVisible();
    await buyer.watch.checkPage();
  });
});

/** Delays the client on all pages from now on. The returned function releases it. */
async function holdClient(page: Page): Promise<() => Promise<void>> {
  let release = (): void => undefined;
  const released = new Promise<void>((done) => (release = done));
  // A page that was left while its client was delayed no longer needs it.
  await page.route('**/*.wasm', (route) => released.then(() => route.continue()).catch(() => undefined));
  return async () => release();
}

async function refusedBySend(buyer: Buyer): Promise<void> {
  await buyer.watch.refusal(422, () => buyer.button('Send Invite').click());
}

/** Enters more than the field lets people type, as a program could send it. */
async function typeBeyondLimit(buyer: Buyer, note: string): Promise<void> {
  const field = buyer.field('Add a personal note');
  await field.evaluate((box) => box.removeAttribute('maxlength'));
  await field.fill(note);
}
