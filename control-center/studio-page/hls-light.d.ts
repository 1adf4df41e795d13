/** The smaller build has no types of its own; what the page uses of it is the same. */
declare module 'hls.js/light' {
  export * from 'hls.js'
  export { default } from 'hls.js'
}
