// SPDX-License-Identifier: ISC
// Where messages begin and end in a stream: RFC 6587, both ways that are found in the wild, told
// apart by the first octet of the stream. Messages that are too long are cut, and the stream goes
// on behind them.
#pragma once

#include "syslog/message.h"

enum syslog_framing_kind { SYSLOG_FRAMING_OPEN, SYSLOG_FRAMING_COUNTED, SYSLOG_FRAMING_LINES };

struct syslog_framing {  // zeroed: the stream begins
    enum syslog_framing_kind kind;
    size_t passed_over;  // octets of a long message that are still to come
    bool in_long_line;
};

enum syslog_frame_verdict {
    SYSLOG_FRAME_MORE,  // nothing whole yet; `taken` octets are done with
    SYSLOG_FRAME_MESSAGE,
    SYSLOG_FRAME_CUT,   // the first SYSLOG_SIZE_MAX octets of a message that is longer
    SYSLOG_FRAME_LOST,  // no count where one must be: nobody knows where the next begins
};

struct syslog_frame {
    enum syslog_frame_verdict verdict;
    size_t taken;  // octets
    struct syslog_text message;
};

enum { SYSLOG_COUNT_DIGITS_MAX = 7 };

// The next of `bytes`, which are given again from behind what was taken. `last`: nothing comes
// behind them. Needs SYSLOG_SIZE_MAX octets and a count to be sure of taking something.
struct syslog_frame syslog_frame_next(struct syslog_framing *framing, struct syslog_text bytes,
                                      bool last);
