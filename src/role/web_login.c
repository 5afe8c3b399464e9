// SPDX-License-Identifier: ISC
#include "role/web_login.h"

#include <microhttpd.h>

struct web_person web_person_of(const struct web_request *request)
{
    (void)request;
    return (struct web_person){.rights = RIGHT_READ};
}

struct web_answer web_session_answer(const struct web_person *person)
{
    json_t *rights = json_array();
    for (uint32_t bit = 0; bit < RIGHT_COUNT; bit++)
        if (person->rights & 1u << bit)
            json_array_append_new(rights, json_string(right_names[bit]));
    return web_json(MHD_HTTP_OK, json_pack("{s:s, s:o, s:s, s:s}", "name", person->name, "rights",
                                           rights, "csrf", "", "login", "none"));
}
