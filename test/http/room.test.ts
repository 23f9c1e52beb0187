/** The limits of connections, each at its boundary. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { DropReason } from "../../src/drops.ts";
import { type Occupant, Room, Rooms } from "../../src/http/room.ts";
import { Turns } from "../../src/http/turns.ts";

const MIB = 1_048_576;

/** A connection as a room sees it. */
class FakeOccupant implements Occupant {
  writtenBytes = 0;
  waitingBytes = 0;
  readonly drops: DropReason[] = [];
  readonly #room: Room;

  constructor(room: Room) {
    this.#room = room;
    room.enter(this);
  }

  drop(reason: DropReason): void {
    this.drops.push(reason);
  }

  answer(bytes: number): void {
    this.#room.onRequest(this);
    this.#room.onAnswer(this, bytes);
    this.writtenBytes += bytes;
  }
}

function enter(room: Room, count: number): readonly FakeOccupant[] {
  return Array.from({ length: count }, () => {
    assert.ok(room.admits());
    return new FakeOccupant(room);
  });
}

const dropped = (occupants: readonly FakeOccupant[]) =>
  occupants.flatMap(({ drops }, index) => drops.map((reason) => [index, reason]));

suite("a room of connections", () => {
  test("ends the longest idle connection for the 513th, and none for those before it", () => {
    const room = new Room(512, new Turns());
    const occupants = enter(room, 512);
    assert.deepEqual(dropped(occupants), []);
    occupants[0]?.answer(100);
    enter(room, 2);
    assert.deepEqual(dropped(occupants), [
      [1, "evicted"],
      [2, "evicted"],
    ]);
  });

  test("admits nobody while every connection waits for its answer, and again when one has it", () => {
    const room = new Room(512, new Turns());
    const occupants = enter(room, 512);
    for (const occupant of occupants) room.onRequest(occupant);
    assert.ok(!room.admits());
    room.onAnswer(occupants[7] as FakeOccupant, 100);
    assert.ok(room.admits());
    assert.deepEqual(dropped(occupants), [[7, "evicted"]]);
  });

  test("has the place of a connection that left, however often it is said to have left", () => {
    const room = new Room(512, new Turns());
    const [first, ...others] = enter(room, 512);
    assert.ok(first);
    room.leave(first);
    room.leave(first);
    enter(room, 1);
    assert.deepEqual(dropped(others), []);
    enter(room, 1);
    assert.deepEqual(dropped(others), [[0, "evicted"]]);
  });

  test("is crowded from 4 MiB of answers on, until their connections have left", () => {
    const room = new Room(512, new Turns());
    const [one, other] = enter(room, 2);
    assert.ok(one && other);
    one.answer(4 * MIB);
    assert.ok(!room.isCrowded);
    other.answer(1);
    assert.ok(room.isCrowded);
    room.leave(other);
    assert.ok(!room.isCrowded);
  });

  test("ends the longest idle connections that were answered, beyond 8 MiB of answers", () => {
    const room = new Room(512, new Turns());
    const occupants = enter(room, 5);
    for (const occupant of occupants.slice(1)) occupant.answer(2 * MIB);
    assert.deepEqual(dropped(occupants), []);
    occupants[4]?.answer(1);
    assert.deepEqual(dropped(occupants), [[1, "unread"]]);
  });

  test("never ends the connection that is being answered", () => {
    const room = new Room(512, new Turns());
    const [one] = enter(room, 1);
    one?.answer(9 * MIB);
    assert.deepEqual(one?.drops, []);
  });

  test("lets 1 MiB wait, and no more until some of it has ceased to", () => {
    const room = new Room(512, new Turns());
    const [one, other] = enter(room, 2);
    assert.ok(one && other);
    assert.ok(room.onWaiting(one, MIB));
    one.waitingBytes = MIB;
    assert.ok(!room.onWaiting(other, 1));
    other.waitingBytes = 1;
    room.leave(one);
    assert.ok(room.onWaiting(other, MIB - 1));
    assert.ok(!room.onWaiting(other, 1));
  });
});

suite("the rooms of a process", () => {
  const rooms = new Rooms();
  const pod = rooms.of({ remoteAddress: "127.0.0.1", localAddress: "127.0.0.1" });
  const others = [
    ["loopback under another address", "127.0.0.2", "127.0.0.1", true],
    ["loopback of IPv6", "::1", "::1", true],
    ["loopback as a socket of IPv6 has it", "::ffff:127.0.0.1", "::ffff:127.0.0.1", true],
    ["the pod's own address", "169.254.170.2", "169.254.170.2", true],
    ["the node", "10.0.0.1", "10.0.0.2", false],
    ["another pod on the link", "169.254.170.3", "169.254.170.2", false],
    ["a peer that is gone", undefined, "127.0.0.1", false],
  ] as const;
  for (const [what, remoteAddress, localAddress, same] of others) {
    test(`keep ${what} ${same ? "with this pod" : "apart from this pod"}`, () => {
      const room = rooms.of({ remoteAddress, localAddress });
      assert.equal(room === pod, same);
    });
  }
});
