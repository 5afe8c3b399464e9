// SPDX-License-Identifier: ISC
// The parts that bgpdump's lines are made of, and the buffer that they are written into.
#pragma once

#include "mrt/line.h"
#include "mrt/line_attributes.h"

enum {
    LINE_MAX = LINE_TAIL_MAX + 256,  // octets: what stands before the tail has less than 256
    LINE_TEXT_SIZE = 1 << 17,        // handed over at once
};

struct line_out {
    mrt_lines_take *take;
    void *user;
    char *to;  // within `text`
    char text[LINE_TEXT_SIZE];
};

// Gives room for one line, which is there once line_end() has its end.
char *line_begin(struct line_out *out);
void line_end(struct line_out *out, char *to);
void line_hand_over(struct line_out *out);

char *line_put_address(char *to, const struct address *address);
// As recorded, host bits and all.
char *line_put_prefix(char *to, const struct mrt_nlri *nlri);
char *line_put_path(char *to, const struct line_attributes *a);  // "AS PATH|ORIGIN|"
// Whether the next hop has a size that bgpdump knows how to write.
bool line_hop_is_good(const struct line_nlri *nlri);
char *line_put_hop(char *to, const struct line_nlri *nlri);
// "|LOCAL_PREF|MED|", 0 for what is missing; the other as it is for IPv4 in MP_REACH_NLRI, where
// bgpdump gives them a sign.
char *line_put_metrics(char *to, const struct line_attributes *a);
char *line_put_signed_metrics(char *to, const struct line_attributes *a);
// "COMMUNITIES|AG|AGGREGATOR|" and the end of the line.
char *line_put_rest(char *to, const struct line_attributes *a);

// Of line_session.c: the lines of an UPDATE, and of a change of state.
void line_message(struct line_out *out, const struct mrt_record *record,
                  const struct mrt_session *session);
void line_state(struct line_out *out, const struct mrt_record *record,
                const struct mrt_session *session);
