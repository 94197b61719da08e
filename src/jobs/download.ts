import * as path from 'node:path';
import { UserError } from '../common/errors.ts';
import type { JobContext } from '../common/job.ts';
import { download, publishedSha256 } from '../dataset/download.ts';

/** Datasets that can be downloaded; all are from PhysioNet, which publishes a SHA-256 of each of its files. */
export const downloads = {
  cinc2017: {
    title: 'PhysioNet/CinC Challenge 2017: 8528 short single-lead recordings (about 95 MB)',
    url: 'https://physionet.org/files/challenge-2017/1.0.0/training2017.zip',
    sums: 'https://physionet.org/files/challenge-2017/1.0.0/SHA256SUMS.txt',
    licence: 'Open Data Commons Attribution License v1.0',
  },
} as const;
export type DownloadName = keyof typeof downloads;

export interface DownloadInputs {
  name: DownloadName;
  folder: string;
  /** From elsewhere: a mirror. */
  url?: string;
  /** undefined: the one that PhysioNet publishes. */
  sha256?: string;
}

/** Download a dataset; its file is returned. A download that was cut off goes on. */
export async function downloadJob(inputs: DownloadInputs, context: JobContext): Promise<string> {
  const { url: home, sums } = downloads[inputs.name];
  const url = inputs.url ?? home;
  const file = path.join(inputs.folder, path.posix.basename(new URL(home).pathname));
  const { sha256 } = inputs;
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(sha256)) {
    throw new UserError(`\`${sha256}\` is no SHA-256`, {}, 'It has 64 hexadecimal digits.');
  }
  await download(
    { url, file, sha256: sha256?.toLowerCase() ?? (await publishedSha256(sums, path.basename(file))) },
    context,
  );
  return file;
}
