/** The shortest way through the main job, counted in clicks. */

import type { Locator } from '@playwright/test';
import { uniqueLogin } from '../support/companies.ts';
import { expect, test } from '../support/fixtures.ts';
import { linkIn, mailTo } from '../support/mails.ts';

/** Clicks one after the other. Fields are filled between them. */
class Clicks {
  count = 0;

  async on(target: Locator): Promise<void> {
    await target.click();
    this.count += 1;
  }
}

test('four clicks invite a seller, three accept, and two send the first test lead', async ({ people }) => {
  const [buyer, seller] = await Promise.all([people.buyer(), people.seller()]);
  const invited = uniqueLogin('Seller');
  await buyer.createFlow('Solar leads');

  await test.step('from Home to the invitation sent', async () => {
    await buyer.open('/');
    const clicks = new Clicks();
    const flows = buyer.page.getByRole('table', { name: 'Flows' });
    if (buyer.hasScript) {
      await clicks.on(flows.getByRole('link', { name: 'Solar leads', exact: true }));
      await buyer.sees(buyer.control('Add Source'));
      await clicks.on(buyer.control('Add Source'));
      const choice = buyer.page.getByRole('combobox', { name: 'Select a source' });
      await buyer.sees(choice);
      await choice.fill(invited.email);
      await clicks.on(buyer.offer(`Invite ${invited.email}`));
    } else {
      await clicks.on(flows.getByRole('link', { name: 'Add Source to Solar leads' }));
      await buyer.arrivesAt('Add a source');
      await clicks.on(buyer.link('Create a new source'));
      await buyer.arrivesAt('Create a new source');
      await clicks.on(buyer.button('Next'));
      await buyer.sees(buyer.field('Company Email'));
      await buyer.field('Company Email').fill(invited.email);
    }
    await buyer.field('Add a personal note').fill('Welcome!');
    if (buyer.hasScript) {
      await buyer.sees(buyer.page.getByText('8/500', { exact: true }));
      const preview = buyer.page.getByRole('region', { name: 'Preview' });
      await expect(preview).toContainText('Welcome!');
      await expect(preview).toContainText('in its flow “Solar leads”');
    }
    await clicks.on(buyer.button('Send Invite'));
    await buyer.seesMessage(/^Invitation sent/);
    expect(clicks.count).toBeLessThanOrEqual(4);
  });

  await test.step('from the email to accepted', async () => {
    await seller.openInvitation(linkIn(await mailTo(invited.email, buyer.company.company), '/i/'), buyer.company.company);
    await expect(seller.page.getByRole('main')).toContainText('Solar leads');
    const clicks = new Clicks();
    await clicks.on(seller.link('Create account'));
    await seller.sees(seller.field('Your name'));
    await seller.fill({ 'Your name': invited.name, 'Company name': invited.company, Password: invited.password });
    await clicks.on(seller.button('Create account'));
    await seller.sees(seller.button('Accept Invite to Connect'));
    await clicks.on(seller.button('Accept Invite to Connect'));
    await seller.seesMessage('Your companies are now connected.');
    expect(clicks.count).toBeLessThanOrEqual(3);
  });

  await test.step('from accepted to the test lead', async () => {
    await seller.arrivesAt('Submission Docs');
    const clicks = new Clicks();
    await clicks.on(seller.button('Fill with example'));
    await seller.sees(seller.button('Send test lead'));
    await clicks.on(seller.button('Send test lead'));
    await seller.seesMessage('Test lead accepted.');
    expect(clicks.count).toBeLessThanOrEqual(2);
  });
});
