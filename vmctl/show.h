/* What `vmctl show` draws of a machine: a tree of labelled boxes, made from the machine file alone. Pure.
 *
 *     struct machine -> show_tree() -> struct box -> show_text(), or show_layout() -> show_svg() */
#pragma once
#include "machine.h"
#include "text.h"

enum box_kind {
	BOX_MACHINE, /* the root                                                          */
	BOX_NOTE,    /* what is neither memory nor topology: boot, disk, network, shares  */
	BOX_GROUP,   /* a heading: NUMA nodes, CXL topology                               */
	BOX_DRAM,    /* a NUMA node of DRAM                                               */
	BOX_WINDOW,  /* the NUMA node of a CXL window, in it the regions                  */
	BOX_REGION,
	BOX_BRIDGE,
	BOX_PORT,    /* a root port or a switch's downstream port; in it at most one kid  */
	BOX_SWITCH,
	BOX_DEVICE,
};

struct box {
	enum box_kind kind;
	bool faint;            /* nothing is there: an empty port, a device that is not plugged in */
	char *head;            /* what it is called                       */
	struct strv facts;     /* short phrases on it                     */
	size_t *regions;       /* numbers of those that it is, or is in   */
	size_t n_regions;
	struct box **kids;
	size_t n_kids;
	/* For pictures, by show_layout(): pixels, and the lines that stand in it, the first of them its head. */
	int x, y, w, h;
	struct strv lines;
};

/* The machine on a host with so many CPUs; box_free() it. No text in it has a control character. */
struct box *show_tree(const struct machine *m, long host_cpus);
void box_free(struct box *b);
static inline void box_cleanup(struct box **b) { box_free(*b); }

/* Boxes for the parts of the tree; fmt is the head. */
struct box *box_new(struct box *parent, enum box_kind kind, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void box_fact(struct box *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void box_in_region(struct box *b, size_t region);
/* The facts as one line, the caller's to free. */
char *box_facts(const struct box *b);

/* The parts that are CXL: nodes of windows with their regions, and the tree of host bridges. */
void show_windows(struct box *nodes, const struct machine *m);
void show_topology(struct box *root, const struct machine *m);

/* Text in lines. The phrases of a box are its head, with something before it, and its facts; long ones fall into words. */
void box_phrases(const struct box *b, const char *before, struct strv *out);
void split_words(const char *text, struct strv *words);
/* Joins phrases to lines of at most limit, by what measure() says of a text of n bytes; what is longer has a line of its
 * own. */
void wrap_phrases(const struct strv *phrases, int limit, int (*measure)(const char *s, size_t n), struct strv *lines);

/* Lines of at most 80 columns (but for words that are longer), with box characters or in ASCII; the caller's to free. */
char *show_text(const struct box *root, bool utf8);

/* Gives each box its place and its lines, once; w and h of the root are those of the picture. */
void show_layout(struct box *root);
/* The document of a tree that is laid out, the caller's to free. */
char *show_svg(const struct box *root);
/* The width of a text in pixels, in the widest of the usual fonts without serifs. */
int glyphs_width(const char *s, size_t n, int font_size, bool bold);

enum { FONT_TITLE = 18, FONT_GROUP = 14, FONT_BOX = 12 };
enum { LINE_HEIGHT = 16, BOX_PAD = 8, STRIPE = 6, COLUMN_GAP = 32 };
