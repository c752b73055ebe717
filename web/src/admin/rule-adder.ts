/** Conditions put together from lists, into the rule that stands in the field above them. */
interface Field {
  name: string;
  label: string;
  operators: string[];
  words: [code: string, word: string][];
  number: boolean;
}

type Rule = Record<string, unknown>;

const SEVERAL = ["in", "between"];

export function startRuleAdders(): void {
  const told = document.getElementById("rule-fields")?.textContent;
  if (!told) return;
  const fields = JSON.parse(told) as Field[];
  for (const place of document.querySelectorAll<HTMLElement>("[data-rule-adder]")) new Adder(place, fields);
}

class Adder {
  private readonly field: HTMLSelectElement;
  private readonly operator: HTMLSelectElement;
  private readonly word: HTMLSelectElement;
  private readonly typed: HTMLInputElement;

  constructor(
    private readonly place: HTMLElement,
    private readonly fields: Field[],
  ) {
    this.field = this.part("field");
    this.operator = this.part("operator");
    this.word = this.part("word");
    this.typed = this.part("typed");
    this.field.replaceChildren(...fields.map(({ name, label }) => new Option(label, name)));
    this.field.addEventListener("change", () => this.turn());
    this.operator.addEventListener("change", () => this.show());
    this.part("add").addEventListener("click", () => this.add());
    this.turn();
  }

  private part<T extends HTMLElement>(name: string): T {
    const found = this.place.querySelector<T>(`[data-part="${name}"]`);
    if (!found) throw new Error(`no part ${name}`);
    return found;
  }

  private get of(): Field {
    const found = this.fields.find(({ name }) => name === this.field.value) ?? this.fields[0];
    if (!found) throw new Error("no fields");
    return found;
  }

  private turn(): void {
    const { operators, words } = this.of;
    this.operator.replaceChildren(...operators.map((operator) => new Option(operator, operator)));
    this.word.replaceChildren(...words.map(([code, word]) => new Option(word, code)));
    this.typed.value = "";
    this.show();
  }

  /** One word is picked from its list; numbers, names and several of them are typed. */
  private show(): void {
    const picked = this.of.words.length > 0 && !SEVERAL.includes(this.operator.value);
    this.word.hidden = !picked;
    this.typed.hidden = picked;
    const some = this.of.words.slice(0, 2).map(([code]) => code);
    this.typed.placeholder = some.length ? some.join(", ") : this.of.number ? "31, 60" : "";
  }

  private value(): unknown {
    if (!this.word.hidden) return this.word.value;
    const parts = this.typed.value.split(",").map((part) => part.trim()).filter(Boolean);
    const values = parts.map((part) => (this.of.number && /^-?\d+$/.test(part) ? Number(part) : part));
    return SEVERAL.includes(this.operator.value) ? values : (values[0] ?? "");
  }

  private add(): void {
    const area = document.querySelector<HTMLTextAreaElement>(`textarea[name="${this.place.dataset["ruleAdder"]}"]`);
    if (!area) return;
    const condition = { field: this.of.name, op: this.operator.value, value: this.value() };
    const now = read(area.value);
    // What cannot be read is left to whoever wrote it; the preview says what is wrong.
    if (now) area.value = write(joined(now, condition));
    area.dispatchEvent(new Event("input", { bubbles: true }));
    area.focus();
  }
}

function read(text: string): Rule | null {
  try {
    const rule = JSON.parse(text.trim() || "{}") as unknown;
    return rule && typeof rule === "object" && !Array.isArray(rule) ? (rule as Rule) : null;
  } catch {
    return null;
  }
}

function joined(rule: Rule, condition: Rule): Rule {
  const { all, any } = rule;
  const empty = !Object.keys(rule).length || (Array.isArray(any) && !any.length);
  if (empty) return condition;
  return { all: Array.isArray(all) ? [...(all as unknown[]), condition] : [rule, condition] };
}

/** One condition a line, as the server writes it. */
function write(rule: Rule): string {
  const { all } = rule;
  if (!Array.isArray(all)) return JSON.stringify(rule);
  return `{"all": [\n${all.map((part) => `  ${JSON.stringify(part)}`).join(",\n")}\n]}`;
}
