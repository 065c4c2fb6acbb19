// Upload with progress.
export {};
