import { defineConfig } from 'vite'

/** The studio page: static files that the control center serves below /studio. */
export default defineConfig({
  root: import.meta.dirname,
  base: '/studio/',
  build: {
    outDir: '../../dist/studio-page',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    // The page's policy allows no data: in place of a file.
    assetsInlineLimit: 0,
  },
  worker: { format: 'es' },
})
