/** Why was, or was not, this customer called: the server wrote the page; `/` goes to the search. */
import { layGround } from "./pages";

const { keys } = layGround();
const field = document.querySelector<HTMLInputElement>("[data-testid=explain-text]");
keys.add({
  id: "explain_search",
  label: "key.explain_search",
  group: "all",
  run: () => {
    field?.focus();
    field?.select();
  },
});
