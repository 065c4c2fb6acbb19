// Every page, with what the walk has made. A new page gets a row here.
const nowhere = '00000000-0000-7000-8000-000000000000';

/** Name of the screenshot, address, and the status where it is not 200. */
export const pages = (made) => [
  { name: 'models', path: '/models' },
  { name: 'models-search-nothing', path: '/models?q=nothing-like-this' },
  { name: 'model', path: `/models/${made.model}` },
  { name: 'upload', path: '/upload' },
  { name: 'upload-to-model', path: `/models/${made.model}/upload` },
  { name: 'compress', path: `/revisions/${made.original}/compress` },
  { name: 'jobs', path: '/jobs' },
  { name: 'jobs-none', path: '/jobs?state=cancelled&model=mnist' },
  { name: 'job-succeeded', path: `/jobs/${made.job}` },
  { name: 'job-failed', path: `/jobs/${made.failedJob}` },
  { name: 'recipes', path: '/recipes' },
  { name: 'recipe', path: '/recipes/palettize-4' },
  { name: 'tokens', path: '/tokens' },
  { name: 'service', path: '/service' },
  { name: 'error-404', path: '/models/no-such-model', status: 404 },
  { name: 'error-unknown-path', path: '/nothing/here', status: 404 },
  { name: 'error-400', path: `/models/${made.model}/compare`, status: 400 },
  { name: 'error-404-job', path: `/jobs/${nowhere}`, status: 404 },
];
