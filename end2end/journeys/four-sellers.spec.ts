/** Four kinds of programs send leads to one flow. Both sides see the same story of each, and the file has every value. */

import { createKey, type FlowSource } from '../support/api.ts';
import { uniqueLogin } from '../support/companies.ts';
import { expect, test } from '../support/fixtures.ts';
import { invite, openTab } from '../support/partner.ts';
import type { Person } from '../support/person.ts';
import { post, postBytes, readCsv } from '../support/senders.ts';

const FIELDS = ['first_name', 'last_name', 'email', 'phone_1', 'state', 'loan_amount', 'comments'];

interface Sender {
  source: string;
  /** The seller's parameters for fields of the flow. */
  mappings: { property: string; value: string }[];
  send(url: string): Promise<string>;
  /** What both sides see of the lead: as it came, and as the flow's fields. */
  shown: string[];
  /** Values of the buyer's file, as read, and of the seller's, as sent. A list is in one cell, with commas. */
  inFile: string[];
  asSent: string[];
}

/** An old form: names repeat, and bytes are windows-1252. */
const plainForm: Sender = {
  source: 'Old web form',
  mappings: [],
  send: (url) => {
    const body = 'first_name=Ren%E9e&last_name=M\u00fcller&state=Texas&services=Roofing&services=Siding&comments=%80+100';
    return postBytes(url, 'application/x-www-form-urlencoded; charset=windows-1252', Buffer.from(body, 'latin1'));
  },
  shown: ['Renée', 'Müller', 'Texas', 'TX', 'Roofing', 'Siding', '€ 100'],
  inFile: ['Renée', 'Müller', 'TX', 'Roofing, Siding', '€ 100'],
  asSent: ['Renée', 'Müller', 'Texas', 'Roofing, Siding', '€ 100'],
};

/** A form with a picture, of which only the name is kept. */
const multipartForm: Sender = {
  source: 'Form with upload',
  mappings: [{ property: 'phone_1', value: '{{tel}}' }],
  send: (url) => {
    const texts = ['first_name=Zoë', 'last_name=O"Neill, Jr.', 'tel=(512) 555-0142', 'state=CA', 'comments=one\r\ntwo'];
    const args = texts.flatMap((text) => ['--form-string', text]);
    return post(url, [...args, '--form', 'photo=@-;filename=roof.jpg;type=image/jpeg'], Buffer.from([0xff, 0xd8, 0, 1]));
  },
  shown: ['Zoë', 'O"Neill, Jr.', '(512) 555-0142', '5125550142', 'CA', 'roof.jpg', 'two'],
  inFile: ['Zoë', 'O"Neill, Jr.', '5125550142', 'CA', 'roof.jpg', 'one\r\ntwo'],
  asSent: ['Zoë', 'O"Neill, Jr.', '(512) 555-0142', 'CA', 'roof.jpg', 'one\r\ntwo'],
};

/** A platform: nested objects, lists, and numbers with many digits. */
const json: Sender = {
  source: 'Ad platform',
  mappings: [
    { property: 'first_name', value: '{{contact.first}}' },
    { property: 'email', value: '{{contact.emails}}' },
    { property: 'loan_amount', value: '{{loan.amount}}' },
  ],
  send: (url) => {
    const body = `{"contact":{"first":"Ana","emails":["ana@example.com"]},"state":"NV","services":["Solar","Battery"],
      "loan":{"amount":250000.10,"id":1610521604143693812},"vehicles":[{"make":"Ford"},{"make":"Fiat"}],"comments":null}`;
    return postBytes(url, 'application/json', Buffer.from(body));
  },
  shown: ['Ana', 'ana@example.com', 'NV', 'Solar', 'Battery', '250000.10', '1610521604143693812', 'Ford', 'Fiat'],
  inFile: ['Ana', 'ana@example.com', 'NV', 'Solar, Battery', '1610521604143693812', 'Ford', 'Fiat'],
  asSent: ['Ana', 'ana@example.com', 'NV', 'Solar, Battery', '250000.10', '1610521604143693812', 'Ford', 'Fiat'],
};

/** An old script: XML that says it is latin-1. */
const xml: Sender = {
  source: 'XML script',
  mappings: [],
  send: (url) => {
    const body = `<?xml version="1.0" encoding="ISO-8859-1"?>
      <lead><first_name>Jos\u00e9</first_name><last_name><![CDATA[Nu\u00f1ez & Co]]></last_name><state>OH</state>
      <services>Gutters</services><services>Windows</services><comments>=1+1</comments></lead>`;
    return postBytes(url, 'text/xml', Buffer.from(body, 'latin1'));
  },
  shown: ['José', 'Nuñez & Co', 'OH', 'Gutters', 'Windows', '=1+1'],
  inFile: ['José', 'Nuñez & Co', 'OH', 'Gutters, Windows', "'=1+1"],
  asSent: ['José', 'Nuñez & Co', 'OH', 'Gutters, Windows', "'=1+1"],
};

const SENDERS = [plainForm, multipartForm, json, xml];

/** The text of a section of the open story. */
async function section(person: Person, heading: string): Promise<string> {
  const titled = person.page.getByRole('heading', { level: 2, name: heading, exact: true });
  return (await person.page.locator('section').filter({ has: titled }).last().innerText()).replace(/\s+/g, ' ');
}

/** Each field of the open story as sent and as read, without the buyer's mappings, which the seller does not see. */
async function fields(person: Person): Promise<string[]> {
  const rows = await person.page.getByRole('table', { name: 'Fields' }).locator('tbody tr').all();
  return Promise.all(
    rows.map(async (row) => {
      const [name, , ...values] = await row.getByRole('cell').allInnerTexts();
      return [name, ...values].join(' · ');
    }),
  );
}

/** Opens the story and returns the texts that must be the same for both sides. */
async function story(person: Person, path: string): Promise<string[]> {
  await person.open(path);
  return [await section(person, 'Received'), ...(await fields(person)), await section(person, 'Answer')];
}

/** Exports the open list with all columns, and reads the file. */
async function exported(person: Person): Promise<Record<string, string>[]> {
  const main = person.page.getByRole('main');
  await main.locator('summary', { hasText: 'Columns' }).click();
  for (const box of await main.getByRole('checkbox', { name: /.+/ }).all()) {
    if (await box.isVisible()) await box.check();
  }
  const download = person.page.waitForEvent('download');
  await person.button('Export CSV').click();
  return readCsv(await (await download).path());
}

test('four kinds of senders reach one flow, and nothing that they sent is lost', { tag: '@once' }, async ({ people }) => {
  test.slow();
  const [buyer, seller] = await Promise.all([people.buyer(), people.partnerPerson()]);
  const system = await people.system(await createKey(buyer, 'Set-up'));
  const flow = await system.createFlow('Home projects', FIELDS);
  const ada = uniqueLogin('Ada');
  const partnerName = `Harbor ${ada.company}`;

  const urls = await test.step('the buyer adds a source for each program', async () => {
    const urls = new Map<Sender, string>();
    for (const sender of SENDERS) {
      const entity = await system.call<{ id: string }>('POST', '/api/v1/entities', {
        body: { name: `${sender.source} ${ada.company}` },
        status: 201,
      });
      const source = await system.call<FlowSource>('POST', `/api/v1/flows/${flow.id}/sources`, {
        body: { entity_id: entity.id },
        status: 201,
      });
      await system.change(source, { mappings: sender.mappings });
      urls.set(sender, source.submit_url);
    }
    return urls;
  });

  const partner = await test.step('they belong to one partner, whose person joins', async () => {
    const partner = await buyer.createPartner(partnerName);
    await openTab(buyer, 'Partner', 'Sources');
    await buyer.link('Assign sources').first().click();
    await buyer.arrivesAt('Assign sources');
    for (const { source } of SENDERS) await buyer.page.getByRole('checkbox', { name: new RegExp(source) }).check();
    await buyer.button('Assign').click();
    await buyer.seesMessage(/assigned/);
    await openTab(buyer, 'Partner', 'Invites');
    await invite(buyer, 'Invite User', ada.email, 'Partner Admin');
    await buyer.seesMessage('Invitation sent.');
    await seller.joinByMail(ada, partnerName, partnerName);
    return partner;
  });

  for (const sender of SENDERS) {
    await test.step(`${sender.source}: both sides see the same story`, async () => {
      const lead = await sender.send(urls.get(sender) ?? '');
      const theirs = await story(buyer, `/leads/${lead}`);
      for (const text of sender.shown) expect(theirs.join(' '), text).toContain(text);
      expect(await story(seller, `/portal/${partner}/leads/${lead}`)).toEqual(theirs);
    });
  }

  await test.step('the files of both sides have every value', async () => {
    await buyer.open(`/leads?flow=${flow.id}`);
    const mine = await exported(buyer);
    await seller.open(`/portal/${partner}/leads`);
    const files = [
      { rows: mine, values: (sender: Sender) => sender.inFile },
      { rows: await exported(seller), values: (sender: Sender) => sender.asSent },
    ];
    for (const { rows, values } of files) {
      expect(rows).toHaveLength(SENDERS.length);
      // The newest lead is first.
      for (const [index, sender] of SENDERS.toReversed().entries()) {
        const cells = Object.values(rows[index] ?? {});
        for (const value of values(sender)) expect(cells, `${sender.source}: ${value}`).toContain(value);
      }
    }
  });
});
