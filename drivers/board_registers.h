/* drivers/board_registers.h - the edge boards' Modbus register map, version 1 (docs/BOARDS.md). */
#ifndef DRIVERS_BOARD_REGISTERS_H
#define DRIVERS_BOARD_REGISTERS_H

enum board_register {
	BOARD_MAGIC = 0x0000,
	BOARD_MAP_VERSION = 0x0001,
	BOARD_FIRMWARE = 0x0002,
	BOARD_EDGES = 0x0003,
	BOARD_BOOTS = 0x0004, /* a change means that the wipers went back to midscale */
	BOARD_STATUS = 0x0005,
	BOARD_CLOCK = 0x0006, /* two registers, high word first: clock edges since boot */
	BOARD_CAPACITOR = 0x0008,
	BOARD_WATCHDOG_MS = 0x0009,
	BOARD_COMMAND = 0x000A,
	BOARD_SERIAL = 0x000B, /* two registers */

	/* all of a step in one read */
	BOARD_STEP = 0x0020, /* boots, status, clock (low word), then a word for each edge */
	BOARD_STEP_STATUS = 0x0021,
	BOARD_STEP_CLOCK = 0x0022,
	BOARD_STEP_EDGE = 0x0023,

	BOARD_EDGE = 0x0100, /* + 16 e */
	BOARD_EDGE_SIZE = 16,
};

enum board_edge_register { /* offsets from BOARD_EDGE + 16 e */
			   BOARD_EDGE_TAP = 0,
			   BOARD_EDGE_LAST = 1,
			   BOARD_EDGE_MODE = 2,
			   BOARD_EDGE_GO = 3,
			   BOARD_EDGE_UPDATED = 4, /* two registers */
			   BOARD_EDGE_RAISED = 6,  /* two registers */
};

#define BOARD_MAGIC_VALUE    0x4E44
#define BOARD_VERSION_VALUE  1
#define BOARD_EDGES_MOST     16
#define BOARD_CAPACITOR_MOST 4

enum {
	BOARD_IS_TRIPPED = 1,
	BOARD_IS_UNPOWERED = 2,
	BOARD_IS_CLOCKED = 4,
	BOARD_IS_MOVING = 8
};                                                                             /* BOARD_STATUS */
enum { BOARD_RESET_COUNTERS = 1, BOARD_HOME = 2, BOARD_CLEAR_WATCHDOG = 3 };   /* BOARD_COMMAND */
enum { BOARD_LEARN = 0, BOARD_HOLD = 1, BOARD_CUT = 2 };                       /* BOARD_EDGE_MODE */
enum { BOARD_LAST_UPDATED = 1, BOARD_LAST_RAISED = 2, BOARD_LAST_AT_END = 4 }; /* BOARD_EDGE_LAST */
enum {
	BOARD_WORD_TAP = 0x7F,
	BOARD_WORD_UPDATED = 0x100,
	BOARD_WORD_RAISED = 0x200,
	BOARD_WORD_AT_END = 0x400
}; /* BOARD_STEP_EDGE */

#endif
