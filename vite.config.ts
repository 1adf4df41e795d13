import { defineConfig } from 'vite'

/** The listen page: static files that the edge serves at its root. */
export default defineConfig({
  root: 'agents/edge/listen-page',
  base: './',
  build: {
    outDir: '../../../dist/listen-page',
    emptyOutDir: true,
    target: 'es2022',
    // Everything comes from the edge itself; a preload helper is not needed for one lazy chunk.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
})
