// SPDX-License-Identifier: ISC
#include "steer/words.h"

#include "steer/ledger.h"

void words_ask(struct ledger *ledger, const struct words_hearer *hearer)
{
    for (uint32_t place = 0; place < ledger->count; place++) {
        const struct standing *standing = &ledger->standings[place];
        char why[WORDS_WHY_MAX] = "";
        enum standing_word word = STANDING_UNTOLD, before = standing->word;
        if (standing->permit.kind == PERMIT_OWN || !standing->said)
            continue;
        if (standing->asked >= WORDS_ASKED_MIN)
            word = hearer->ask(hearer->context, standing, why);
        ledger_asked(ledger, standing, word);
        if (word != before)
            hearer->told(hearer->context, standing, word, why);
    }
}
