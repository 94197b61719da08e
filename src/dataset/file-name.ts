/** Ending of dataset files, in a file of its own: whoever only names one need not load what reads it. */
export const datasetSuffix = '.ecgdata.yaml';
