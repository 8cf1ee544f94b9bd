import { MARK_BINDING, markIn } from "../../../infra/src/stack-mark.ts";
import { sayCodeChange, type BundleSize } from "./bundle-size.ts";
import { change, type Change } from "./change.ts";
import { bindingNamed, list, record, type Inputs, type ResourceChange } from "./digest.ts";
import { flatten, show, shownPath } from "./flatten.ts";
import { migrationChanges } from "./migration-changes.ts";
import { originsOf, originsChanges } from "./origin-changes.ts";
import { say, sayList } from "./say.ts";
import { settingsChanges, transition, type Settings } from "./settings-changes.ts";

/** Inputs that have words of their own, or follow from what has. */
const TOLD: ReadonlySet<string> = new Set(
  "accountId scriptName bindings contentFile contentSha256 force migrations".split(" "),
);

/** Bindings that follow from the settings, the script's name, and all that is uploaded. */
const DERIVED: ReadonlySet<string> = new Set([
  MARK_BINDING,
  ..."ALLOWED_ORIGINS SETTINGS RATE_LIMIT READ_LIMIT".split(" "),
]);

/** What happens to the script, its objects and its settings. */
export function scriptChanges(script: ResourceChange, sizes: readonly BundleSize[]): Change[] {
  const { action, before = {}, after = {} } = script;
  if (action === "create") return created(after, sizes);
  if (action === "adopt") return [adopted(after)];
  if (action === "delete") return [destroyed(before)];
  if (action === "forget") return [forgotten(before)];
  return [
    ...(action === "replace" ? [replaced(before, after)] : []),
    ...(action === "replace" ? [] : migrationChanges(before["migrations"], after["migrations"])),
    ...protection(script),
    ...takenOutOfForce(before, after),
    ...originsChanges(originsOf(after), originsOf(before)),
    ...codeChanges(before, after, sizes),
    ...settingsChanges(settingsOf(before), settingsOf(after)),
    ...otherBindings(before, after),
    ...otherInputs(before, after),
    ...(action === "replace" ? [] : [rejoin()]),
  ];
}

function created(after: Inputs, sizes: readonly BundleSize[]): Change[] {
  const { contentSha256, migrations, scriptName } = after;
  const bundle = sizes.find(({ sha256 }) => sha256 === contentSha256);
  const words = bundle === undefined ? "" : `, ${bundle.bytes.toLocaleString("en-US")} B`;
  const text = say`A new script: ${show(scriptName)}`;
  const classes = list(record(migrations)?.["steps"]).flatMap((step) =>
    list(record(step)?.["newSqliteClasses"]).map(show),
  );
  const fresh = ["New Durable Object classes: ", ...sayList(classes), ". There is no data yet"];
  return [
    change("deployment", "info", [...text, words]),
    ...(classes.length === 0 ? [] : [change("data", "info", fresh)]),
    ...originsChanges(originsOf(after), undefined),
    change("bill", "info", ["Visits cost, a page at rest does not (docs/cost.md)"]),
  ];
}

function adopted(after: Inputs): Change {
  return change(
    "deployment",
    "info",
    say`Script ${show(after["scriptName"])} is taken over as it is`,
  );
}

function destroyed(before: Inputs): Change {
  const name = show(before["scriptName"]);
  const text = say`Script ${name} is deleted: Cloudflare destroys all its Durable Objects with their data and disconnects their visitors`;
  return change("data", "danger", text);
}

function forgotten(before: Inputs): Change {
  const text = say`Script ${show(before["scriptName"])} is dropped from the state: it keeps running, and nothing here manages it`;
  return change("deployment", "warning", text);
}

function replaced(before: Inputs, after: Inputs): Change {
  const [old, fresh] = [show(before["scriptName"]), show(after["scriptName"])];
  const what =
    old === fresh
      ? say`Script ${old} is deleted and made anew, on account ${show(after["accountId"])} instead of ${show(before["accountId"])}`
      : say`Script ${old} is replaced by ${fresh}`;
  const loss =
    ": Cloudflare destroys all Durable Objects of the old one with their data and disconnects their visitors";
  return change("data", "danger", [...what, loss]);
}

function protection({ isProtected }: ResourceChange): Change[] {
  if (isProtected.before === isProtected.after) return [];
  const text = isProtected.after
    ? "The script gets protected: from then on Pulumi refuses to delete or replace it"
    : "The script's protection is taken off: the next update could delete or replace it, with all its data";
  return [change("data", isProtected.after ? "info" : "warning", [text])];
}

/** A deployment that somebody made by other means, such as a rollback, see infra/src/upload-plan.ts. */
function takenOutOfForce(before: Inputs, after: Inputs): Change[] {
  const [old, fresh] = [before, after].map((inputs) => markIn(inputs["bindings"])?.replaces);
  if (fresh === undefined || fresh === old) return [];
  const text = say`Something else serves than what this stack uploaded last: deployment ${fresh}, a rollback or another tool's. This update puts this stack's version in its place`;
  return [change("deployment", "warning", text)];
}

function codeChanges(before: Inputs, after: Inputs, sizes: readonly BundleSize[]): Change[] {
  const [old, fresh] = [show(before["contentSha256"]), show(after["contentSha256"])];
  return old === fresh ? [] : [change("code", "info", sayCodeChange(old, fresh, sizes))];
}

/** Values of the binding `SETTINGS` by their paths. */
function settingsOf(inputs: Inputs): Settings {
  return flatten(bindingNamed(inputs, "SETTINGS")?.["json"] ?? {});
}

function otherBindings(before: Inputs, after: Inputs): Change[] {
  if (!Array.isArray(before["bindings"]) || !Array.isArray(after["bindings"])) {
    if (show(before["bindings"]) === show(after["bindings"])) return [];
    const text = "Bindings change that are hidden, since one of them is a secret";
    return [change("settings", "warning", [text])];
  }
  const names = [before, after].flatMap((inputs) =>
    list(inputs["bindings"]).map((binding) => show(record(binding)?.["name"])),
  );
  return [...new Set(names)].toSorted().flatMap((name) => {
    const [old, fresh] = [before, after].map((inputs) => bindingNamed(inputs, name));
    if (DERIVED.has(name) || JSON.stringify(old) === JSON.stringify(fresh)) return [];
    if (old === undefined) return [change("settings", "info", say`Binding ${name} is added`)];
    if (fresh === undefined) return [change("settings", "info", say`Binding ${name} is removed`)];
    return [change("settings", "info", say`Binding ${name} changes`)];
  });
}

function otherInputs(before: Inputs, after: Inputs): Change[] {
  const [old, fresh] = [before, after].map((inputs) =>
    flatten(Object.fromEntries(Object.entries(inputs).filter(([name]) => !TOLD.has(name)))),
  );
  const paths = [...new Set([...(old?.keys() ?? []), ...(fresh?.keys() ?? [])])].toSorted();
  return paths.flatMap((path) => {
    const [was, is] = [old?.get(path), fresh?.get(path)];
    if (was === is) return [];
    return [change("settings", "info", [...say`${shownPath(path)}`, ": ", ...transition(was, is)])];
  });
}

/** An upload restarts the objects (docs/cost.md: "a redeployment"). */
function rejoin(): Change {
  const text =
    "Everybody who is connected is disconnected for a moment and joins again; on the bill each is one more visit";
  return change("visitors", "info", [text]);
}
