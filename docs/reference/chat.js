//# ChatTemplate, ChatTemplate.from
import { ChatTemplate, Tokenizer } from 'wembed/chat';

const template = ChatTemplate.from('{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}');

//# ChatTemplate.render
const messages = [{ role: 'user', content: 'Hello' }];
template.render(messages); //= '<user>Hello'

//# ChatTemplate.encode
const tokenizer = await Tokenizer.fromPretrained('https://example.org/models/potion/');
template.encode(tokenizer, messages).length > 0; //= true

//# ChatTemplate.fromPretrained
const files = { 'tokenizer_config.json': '{ "chat_template": "{{ messages[0].content }}" }' }; // or 'org/name'
(await ChatTemplate.fromPretrained(files)).render(messages); //= 'Hello'
