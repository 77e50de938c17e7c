// What has no types of its own.
declare module 'd3-selection';
declare module 'd3-zoom';
