/** The servers of the tests: one that sends emails over SMTP, its mail server, and one without a mail server. */

import { announceStage, database } from './settings.ts';
import { startServer, type Running } from './server.ts';
import { startSink } from './smtp-sink.ts';

export default async function startServers(): Promise<() => Promise<void>> {
  const sink = await startSink();
  const servers: Running[] = [];
  const clear = async (): Promise<void> => {
    const ends = await Promise.allSettled([...servers.map((server) => server.stop()), sink.stop()]);
    const faults = ends.filter((end) => end.status === 'rejected').map((end) => String(end.reason));
    if (faults.length > 0) throw new Error(faults.join('\n'));
  };
  try {
    // Started one after the other: both migrate, and the databases of a cluster share its roles.
    const main = await startServer('main', database(''), sink.smtp);
    servers.push(main);
    const mailless = await startServer('mailless', database('_2'));
    servers.push(mailless);
    announceStage({ main: main.site, mailless: mailless.site, mails: sink.http });
  } catch (error) {
    await clear().catch(() => undefined);
    throw error;
  }
  return clear;
}
