import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  isFinalClose,
  isUserId,
  parseCount,
  parseHeartbeat,
  PING,
  PONG,
  serializeCount,
  serializeHeartbeat,
} from "../src/index.ts";

const id = "550e8400-e29b-41d4-a716-446655440000";

describe("frames", () => {
  test("are the contract's, field for field", () => {
    expect(serializeCount(3, 1234567890)).toBe('{"type":"count","count":3,"timestamp":1234567890}');
    expect(serializeHeartbeat(id, "/posts/hello", 1234567890)).toBe(
      `{"type":"heartbeat","userId":"${id}","pageUrl":"/posts/hello","timestamp":1234567890}`,
    );
  });

  test("a count comes back as it was sent", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (count, timestamp) => {
        expect(parseCount(serializeCount(count, timestamp))).toEqual({
          type: "count",
          count,
          timestamp,
        });
      }),
    );
  });

  test("a heartbeat comes back as it was sent, whatever the strings", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.nat(), (userId, pageUrl, timestamp) => {
        expect(parseHeartbeat(serializeHeartbeat(userId, pageUrl, timestamp))).toEqual({
          type: "heartbeat",
          userId,
          pageUrl,
          timestamp,
        });
      }),
    );
  });

  test("parsers never throw and take no other frame", () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.json(), fc.string()), (data) => {
        expect(parseCount(data)).toBeNull();
        expect(parseHeartbeat(data)).toBeNull();
      }),
    );
  });

  test.each([
    PING,
    PONG,
    "null",
    "[]",
    '{"type":"count"}',
    '{"type":"count","count":-1,"timestamp":1}',
    '{"type":"count","count":1.5,"timestamp":1}',
    '{"type":"count","count":"1","timestamp":1}',
  ])("%s is no count", (data) => expect(parseCount(data)).toBeNull());

  test("fields that a later version adds are ignored", () => {
    expect(parseCount('{"type":"count","count":2,"timestamp":1,"settling":true}')).toEqual({
      type: "count",
      count: 2,
      timestamp: 1,
    });
  });
});

describe("a visitor's id", () => {
  test.each([
    [id, true],
    ["test-user-123", true],
    ["a".repeat(8), true],
    ["a".repeat(64), true],
    ["a".repeat(7), false],
    ["a".repeat(65), false],
    ["with space", false],
    ["<script>x", false],
    ["üüüüüüüü", false],
    ["newline-\n", false],
    [null, false],
    [12345678, false],
  ])("%j: %s", (value, expected) => {
    expect(isUserId(value)).toBe(expected);
  });
});

describe("close codes", () => {
  test.each([
    [1000, false],
    [1006, false],
    [1013, false],
    [4399, false],
    [4400, true],
    [4403, true],
    [4408, false],
    [4409, false],
    [4429, true],
    [4500, false],
  ])("%i is final: %s", (code, expected) => {
    expect(isFinalClose(code)).toBe(expected);
  });
});
