"""Golden texts of chat templates: what transformers renders.

    python tools/golden/chat.py [NAME ...]     (transformers, jinja2)

Writes tests/golden/chat.json: {"versions", "cases": [{"name", "config", "messages", "options", "text"}]}. `text` is null where
the template refuses the messages. The templates are written for this test: each has what real ones have.
"""

import json
import pathlib
from importlib.metadata import version

from jinja2.exceptions import TemplateError
from transformers.utils.chat_template_utils import render_jinja_template

from golden_file import JsonFile, finish

ROOT = pathlib.Path(__file__).resolve().parents[2]

TURNS = """{{ bos_token }}{% for message in messages %}
    {%- if message['role'] not in ['system', 'user', 'assistant'] %}
        {{- raise_exception('the role ' + message['role'] + ' is not known') }}
    {%- endif %}
    {{- '<|' + message.role + '|>\\n' + (message.content | trim) + eos_token + '\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}"""

TOOLS = """{%- if messages[0].role == 'system' -%}{%- set system = messages[0].content -%}{%- set rest = messages[1:] -%}
{%- else -%}{%- set system = 'You are helpful.' -%}{%- set rest = messages -%}{%- endif -%}
<system>{{ system }}
{%- if tools is not none and tools %}

# Tools
{%- for tool in tools %}
{{ tool | tojson }}
{%- endfor %}
{%- endif %}</system>
{% for message in rest -%}
{%- if (message.role == 'user') != (loop.index0 % 2 == 0) -%}{{ raise_exception('roles must alternate') }}{%- endif -%}
<{{ message.role }}>
{%- if message.content is string -%}{{ message.content }}
{%- else -%}{%- for part in message.content -%}{%- if part.type == 'text' -%}{{ part.text }}{%- else -%}[{{ part.type | upper }}]{%- endif -%}{%- endfor -%}
{%- endif -%}
{%- if message.reasoning_content -%}({{ message.reasoning_content }}){%- endif -%}
{%- if message.tool_calls is defined -%}{%- for call in message.tool_calls -%}{{ call.function.name }}({{ call.function.arguments | tojson(indent=2) }}){%- endfor -%}{%- endif -%}
</{{ message.role }}>
{% endfor -%}
{%- if add_generation_prompt -%}<assistant>{%- if thinking is defined and thinking is false -%}<think></think>{%- endif -%}{%- endif -%}"""

MACROS = """{%- macro turn(role, text) -%}
[{{ role | upper }}] {{ text | replace('\\n', ' ') }}{{ '' if role == 'user' else eos_token }}
{% endmacro -%}
{%- set ns = namespace(count=0) -%}
{%- for m in messages if m.role != 'system' -%}
    {%- set ns.count = ns.count + 1 -%}
    {{- turn(m.role, m['content'].split('</think>')[-1].strip()) -}}
{%- endfor -%}
{{ ns.count }} of {{ messages | length }} {{ messages | map(attribute='role') | join(',') }}
{%- for key in messages[-1] %} {{ key }}{% endfor %}"""

CONFIGS = {
    "turns": {"chat_template": TURNS, "bos_token": "<s>", "eos_token": {"content": "</s>", "lstrip": False}, "pad_token": None},
    "tools": {"chat_template": TOOLS, "eos_token": "<eos>"},
    "macros": {"chat_template": MACROS, "eos_token": "<eos>"},
}
TOOL = {"type": "function", "function": {"name": "weather", "description": "the city's <weather> & ü",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}
CONVERSATIONS = {
    "one": [{"role": "user", "content": "Hello"}],
    "long": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": " Is <b>1 < 2</b>? \n 中文 🤗 "},
        {"role": "assistant", "content": "<think>\nyes\n</think>\nYes, \"it\" is."},
        {"role": "user", "content": "And\n2?"},
    ],
    "parts": [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "What is this?"}]}],
    "call": [
        {"role": "user", "content": "Rain?"},
        {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "weather", "arguments": {"city": "Köln", "n": [1, 2.5, None, True]}}}]},
    ],
    "twice": [{"role": "assistant", "content": "a"}, {"role": "assistant", "content": "b"}],
    "unknown": [{"role": "robot", "content": "beep"}],
    "reasoning": [{"role": "user", "content": "2?"}, {"role": "assistant", "content": "Two.", "reasoning": "count"}],
    "prefill": [{"role": "user", "content": "Name it."}, {"role": "assistant", "content": "It is called "}],
}  # fmt: skip
OPTIONS = {
    "plain": {},
    "prompt": {"add_generation_prompt": True},
    "tools": {"tools": [TOOL], "add_generation_prompt": True},
    "continue": {"continue_final_message": True},
    "variable": {"thinking": False, "add_generation_prompt": True},
}


def rendered(config, messages, options):
    tokens = {k: v["content"] if isinstance(v, dict) else v for k, v in config.items() if k.endswith("_token") and v}
    try:
        texts, _ = render_jinja_template([messages], chat_template=config["chat_template"], **options, **tokens)
    except (TemplateError, ValueError, TypeError):
        return None
    return texts[0]


def main():
    file = JsonFile(ROOT / "tests/golden/chat.json", transformers=version("transformers"), jinja2=version("jinja2"))
    cases = file.cases("cases", lambda case: case["name"])
    for config_name, config in CONFIGS.items():
        for conversation, messages in CONVERSATIONS.items():
            for option_name, options in OPTIONS.items():
                name = f"{config_name}-{conversation}-{option_name}"
                # Jinja prints a list as Python writes it; elsewhere that is refused.
                if conversation == "parts" and config_name != "tools":
                    continue
                if cases.wanted(name):
                    text = rendered(config, messages, options)
                    case = {"name": name, "config": config_name, "messages": messages, "options": options, "text": text}
                    cases.add(name, case)
    file.write(configs=CONFIGS)
    finish()


main()
