import { vitePreprocess } from "@sveltejs/vite-plugin-svelte";

export default {
  preprocess: vitePreprocess(),
  compilerOptions: {
    // Style scopes follow from the styles alone, so that a build is the same in every folder.
    cssHash: ({ hash, css }) => `s-${hash(css)}`,
  },
};
