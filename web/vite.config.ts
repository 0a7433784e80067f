import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

// The build is reproducible: names follow from content, nothing is dated, and no file depends on where it was built.
export default defineConfig({
  base: "./",
  plugins: [svelte()],
  build: {
    outDir: "../src/safelight/web",
    emptyOutDir: true,
    target: "es2022",
    sourcemap: false,
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: { proxy: { "/api": "http://127.0.0.1:8765" } },
});
