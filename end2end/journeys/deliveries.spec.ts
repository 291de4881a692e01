/** Leads go to the buyer's own system: signed, also after it was down, each once. */

import { createKey, type FlowSource } from '../support/api.ts';
import { Destination } from '../support/destination.ts';
import { expect, test } from '../support/fixtures.ts';
import { letDeliveriesBeDue } from '../support/partner.ts';
import { post } from '../support/senders.ts';

test('leads reach the buyer, who sees what became of each', async ({ people }) => {
  test.slow();
  const destination = new Destination();
  await destination.start();
  const buyer = await people.buyer();
  const system = await people.system(await createKey(buyer, 'Set-up'));
  const flow = await system.createFlow('Home projects', ['first_name', 'email']);
  const entity = await system.call<{ id: string }>('POST', '/api/v1/entities', { body: { name: 'Web form' }, status: 201 });
  const source = await system.call<FlowSource>('POST', `/api/v1/flows/${flow.id}/sources`, {
    body: { entity_id: entity.id },
    status: 201,
  });
  const send = (email: string) => post(source.submit_url, ['--data-urlencode', `email=${email}`]);

  await test.step('a private address is refused, and the secret is shown once', async () => {
    await buyer.open(`/flows/${flow.id}/deliveries`);
    await buyer.link('Add delivery').click();
    await buyer.field('Name').fill('Our CRM');
    await buyer.field('Delivery URL').fill('http://10.0.0.1/leads');
    await buyer.watch.refusal(422, () => buyer.button('Add delivery').click());
    await buyer.sees(buyer.page.getByText('This address is private.').first());
    await expect(buyer.field('Name'), 'what was typed stays').toHaveValue('Our CRM');
    await buyer.field('Delivery URL').fill(destination.url);
    await buyer.button('Add delivery').click();
    const secret = buyer.page.getByRole('region', { name: 'Signing secret' });
    await buyer.sees(secret);
    destination.secret = (await secret.innerText()).trim();
    expect(destination.secret).toMatch(/^whsec_\S+$/);
  });

  await test.step('a test lead shows request and answer', async () => {
    await buyer.link('Continue and send a test lead').click();
    await buyer.arrivesAt('Our CRM');
    await buyer.button('Send a test lead').click();
    await buyer.sees(buyer.page.getByText('Status 200').first());
    expect(destination.leads.map((lead) => lead.test)).toEqual([true]);
  });

  await test.step('a lead arrives, signed', async () => {
    const lead = await send('first@people.example');
    await expect.poll(() => destination.emails()).toEqual(['first@people.example']);
    await buyer.open(`/leads/${lead}`);
    await buyer.sees(buyer.page.getByRole('heading', { name: /Our CRM\s+Delivered/ }));
  });

  await test.step('three leads wait while the system is down, and arrive once when it is back', async () => {
    await destination.stop();
    const emails = ['a@people.example', 'b@people.example', 'c@people.example'];
    for (const email of emails) await send(email);
    await expect
      .poll(async () => {
        await buyer.open(`/flows/${flow.id}/deliveries`);
        return buyer.page.getByText('Failing').count();
      })
      .toBe(1);
    await buyer.link('Our CRM').click();
    await buyer.sees(buyer.page.getByText('The server refused the connection.').first());
    await destination.start();
    await letDeliveriesBeDue(flow.id);
    await expect.poll(() => destination.emails().sort()).toEqual([...emails, 'first@people.example']);
    await expect
      .poll(async () => {
        await buyer.page.reload();
        return buyer.page.getByText("Leads don't arrive.").count();
      })
      .toBe(0);
    const ids = destination.leads.map((lead) => lead.webhookId);
    expect(new Set(ids).size, 'each has its own id').toBe(ids.length);
    expect(destination.forged, 'every signature was valid').toBe(0);
  });

  await test.step('it is paused, resumed and removed', async () => {
    await buyer.button('Pause').click();
    await buyer.seesMessage('The delivery is paused. Leads wait for up to seven days.');
    await send('later@people.example');
    await buyer.button('Resume').click();
    await buyer.seesMessage('The delivery is on.');
    await expect.poll(() => destination.emails()).toContain('later@people.example');
    await buyer.link('Remove').click();
    await buyer.arrivesAt('Remove Our CRM?');
    await buyer.button('Remove').click();
    await buyer.seesMessage('Delivery removed.');
  });
  await destination.stop();
});
