/** Programs of sellers that post leads with curl, byte by byte, and a strict reader of CSV files. */

import { execFile } from 'node:child_process';
import { expect } from '@playwright/test';

/** Runs a program with these bytes as its input, and returns what it prints. */
function run(program: string, args: string[], input: Uint8Array = new Uint8Array()): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { timeout: 20_000, maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${program}: ${stderr || error.message}`));
      else resolve(stdout);
    });
    // A program that reads no input can end before it is written. Its exit status says whether it did its work.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

/** Posts a lead, which must be accepted, and returns its id. */
export async function post(url: string, args: string[], input?: Uint8Array): Promise<string> {
  // Neither the settings of who runs the tests nor a proxy may change what is sent.
  const printed = await run('curl', ['--disable', '--noproxy', '*', '--silent', '--show-error', ...args, url], input);
  const answer = JSON.parse(printed) as { outcome: string; lead?: { id: string } };
  expect(answer, printed).toMatchObject({ outcome: 'success' });
  return answer.lead?.id ?? '';
}

/** Posts these bytes with a content type. */
export function postBytes(url: string, contentType: string, body: Uint8Array): Promise<string> {
  return post(url, ['--header', `Content-Type: ${contentType}`, '--data-binary', '@-'], body);
}

const READER = `
import csv, json, sys
with open(sys.argv[1], encoding="utf-8-sig", newline="") as file:
    print(json.dumps(list(csv.reader(file, strict=True))))
`;

/** The rows of a CSV file by their column names, as a reader sees them that accepts only well-formed files. */
export async function readCsv(path: string): Promise<Record<string, string>[]> {
  const rows = JSON.parse(await run('python3', ['-c', READER, path])) as string[][];
  const [head = [], ...records] = rows;
  expect(new Set(head).size, 'each column has its own name').toBe(head.length);
  return records.map((record) => {
    expect(record, 'each row has every column').toHaveLength(head.length);
    return Object.fromEntries(head.map((name, index) => [name, record[index] ?? '']));
  });
}
