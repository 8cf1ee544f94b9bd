import pb from "@pulumi/pulumi/proto/provider_pb.js";
import type * as rpc from "@pulumi/pulumi/proto/provider_pb.js";
import type { PropertyChange } from "./diff.ts";
import { toStruct } from "./values.ts";
import type { Properties } from "./values.ts";

/** The answer to Check and CheckConfig. */
export function checkResponse(
  inputs: Properties,
  complaints: readonly string[],
): rpc.CheckResponse {
  const response = new pb.CheckResponse();
  return response.setInputs(toStruct(inputs)).setFailuresList(checkFailures(complaints));
}

/**
 * Complaints as the engine shows them. They name the property themselves: beside a failure's
 * property field the engine would print the property's value, a whole bundle or a secret.
 */
export function checkFailures(complaints: readonly string[]): rpc.CheckFailure[] {
  return complaints.map((reason) => new pb.CheckFailure().setReason(reason));
}

/** The answer to Diff and DiffConfig: every change with its path. */
export function diffResponse(changes: readonly PropertyChange[]): rpc.DiffResponse {
  const response = new pb.DiffResponse();
  const { DIFF_NONE, DIFF_SOME } = pb.DiffResponse.DiffChanges;
  response.setChanges(changes.length === 0 ? DIFF_NONE : DIFF_SOME);
  response.setDiffsList(topLevel(changes));
  response.setReplacesList(topLevel(changes.filter(({ replace }) => replace)));
  response.setHasdetaileddiff(true);
  for (const change of changes) {
    const diff = new pb.PropertyDiff().setKind(kindOf(change)).setInputdiff(change.input);
    response.getDetaileddiffMap().set(change.path, diff);
  }
  return response;
}

function kindOf({ kind, replace }: PropertyChange): rpc.PropertyDiff.Kind {
  const { Kind } = pb.PropertyDiff;
  if (kind === "add") return replace ? Kind.ADD_REPLACE : Kind.ADD;
  if (kind === "delete") return replace ? Kind.DELETE_REPLACE : Kind.DELETE;
  return replace ? Kind.UPDATE_REPLACE : Kind.UPDATE;
}

function topLevel(changes: readonly PropertyChange[]): string[] {
  return [...new Set(changes.map(({ path }) => /^[^.[]+/.exec(path)?.[0] ?? path))];
}
