import { mount } from "svelte";
import App from "./App.svelte";
import { press } from "./lib/keys/keymap.svelte";
import { theme } from "./lib/ui/theme.svelte";
import "./styles/tokens.css";
import "./styles/ui.css";

theme.apply();
window.addEventListener("keydown", press);

const target = document.getElementById("app");
if (target) mount(App, { target });
