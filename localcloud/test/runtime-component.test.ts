import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { components, connectedScripts } from "../src/runtime/component.ts";
import type { RunnableBinding } from "../src/runtime/types.ts";
import { script, scripts } from "./runtime-support.ts";

function service(target: string): RunnableBinding {
  return { type: "service", name: "OTHER", service: target };
}

function objectsOf(target: string): RunnableBinding {
  return {
    type: "durable_object_namespace",
    name: "OBJECTS",
    class_name: "C",
    script_name: target,
  };
}

function named(name: string, ...bindings: RunnableBinding[]): ReturnType<typeof script> {
  return script(name, "", { bindings });
}

describe("connectedScripts", () => {
  test("a script without bindings stands alone", () => {
    expect(connectedScripts("a", scripts(named("a"), named("b")))).toEqual(["a"]);
  });

  test("bindings connect in both directions and through others", () => {
    const all = scripts(
      named("d"),
      named("a", service("b")),
      named("b"),
      named("c", objectsOf("b")),
    );
    expect(connectedScripts("a", all)).toEqual(["a", "b", "c"]);
    expect(connectedScripts("b", all)).toEqual(["a", "b", "c"]);
    expect(connectedScripts("d", all)).toEqual(["d"]);
  });

  test("a script's binding to its own class connects nothing", () => {
    expect(connectedScripts("a", scripts(named("a", objectsOf("a")), named("b")))).toEqual(["a"]);
  });

  test("a binding to a script that does not exist connects nothing", () => {
    const all = scripts(named("a", service("gone")), named("b", service("gone")));
    expect(connectedScripts("a", all)).toEqual(["a"]);
  });
});

describe("components", () => {
  const graph = fc
    .array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 10 })
    .map((edges) =>
      scripts(
        ...Array.from({ length: 8 }, (_, from) =>
          named(
            `s${from}`,
            ...edges.filter(([start]) => start === from).map(([, to]) => service(`s${to}`)),
          ),
        ),
      ),
    );

  test("every script is in exactly one group", () => {
    fc.assert(
      fc.property(graph, (all) => {
        const names = components(all).flatMap((group) => group.map(({ name }) => name));
        expect(names.toSorted()).toEqual([...all.keys()].toSorted());
      }),
    );
  });

  test("each member of a group is connected to that group and to nothing else", () => {
    fc.assert(
      fc.property(graph, (all) => {
        for (const group of components(all)) {
          const names = group.map(({ name }) => name);
          for (const name of names) expect(connectedScripts(name, all)).toEqual(names);
        }
      }),
    );
  });
});
