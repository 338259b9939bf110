// SPDX-License-Identifier: Apache-2.0
'use strict';

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  Object.entries(attributes || {}).forEach(([key, value]) => made.setAttribute(key, value));
  children.forEach((child) => made.append(child));
  return made;
}

function resolve(api, node) {
  return node && node.$ref ? node.$ref.slice(2).split('/').reduce((at, part) => at[part], api) : node;
}

function parameterTable(api, operation, fields) {
  const table = element('table');
  (operation.parameters || []).map((one) => resolve(api, one)).forEach((parameter) => {
    const input = element('input', { 'aria-label': parameter.name, placeholder: parameter.required ? 'required' : '' });
    fields.push({ parameter, input });
    table.append(element('tr', {},
      element('td', {}, parameter.name, element('div', { class: 'muted' }, parameter.in)),
      element('td', {}, parameter.description || '', input)));
  });
  return table;
}

async function send(verb, path, fields, body, type, output) {
  let target = path;
  const query = new URLSearchParams();
  const headers = {};
  fields.filter((field) => field.input.value !== '').forEach(({ parameter, input }) => {
    if (parameter.in === 'path') {
      target = target.replace('{' + parameter.name + '}', encodeURIComponent(input.value));
    } else if (parameter.in === 'query') {
      query.append(parameter.name, input.value);
    } else {
      headers[parameter.name] = input.value;
    }
  });
  if (body) {
    headers['Content-Type'] = type;
  }
  const url = target + (query.size ? '?' + query : '');
  output.textContent = '...';
  try {
    const answer = await fetch(url, { method: verb.toUpperCase(), headers, body: body ? body.value : undefined, cache: 'no-store' });
    const lines = [...answer.headers].map(([name, value]) => name + ': ' + value);
    output.textContent = answer.status + ' ' + url + '\n' + lines.join('\n') + '\n\n' + (await answer.text());
  } catch (failure) {
    output.textContent = String(failure);
  }
}

function operationBlock(api, path, verb, operation) {
  const fields = [];
  const inside = element('div', {}, element('p', {}, operation.description || ''), parameterTable(api, operation, fields));
  const requestBody = operation.requestBody && operation.requestBody.content;
  const type = requestBody && Object.keys(requestBody)[0];
  let body = null;
  if (requestBody) {
    body = element('textarea', { rows: 5, 'aria-label': 'body' });
    inside.append(element('p', {}, 'Body, ' + Object.keys(requestBody).join(', ')), body);
    const schema = resolve(api, requestBody[type].schema);
    if (schema && schema.properties) {
      inside.append(element('p', { class: 'muted' }, 'Members: ' + Object.keys(schema.properties).join(', ')));
    }
  }
  const streams = Object.keys((operation.responses['200'] || {}).content || {}).includes('text/event-stream');
  if (!streams) {
    const output = element('pre');
    const button = element('button', { type: 'button' }, 'Send');
    button.addEventListener('click', () => send(verb, path, fields, body, type, output));
    inside.append(button, output);
  } else {
    inside.append(element('p', { class: 'muted' }, 'Server-sent events: use curl -N, or EventSource.'));
  }
  return element('details', {},
    element('summary', {}, element('b', { class: verb }, verb.toUpperCase()), element('code', {}, path), ' ', operation.summary || ''),
    inside);
}

fetch('/openapi.json').then((answer) => answer.json()).then((api) => {
  const main = document.getElementById('main');
  main.replaceChildren();
  api.tags.forEach((tag) => {
    const section = element('section', {}, element('h2', {}, tag.name), element('p', {}, tag.description || ''));
    Object.entries(api.paths).forEach(([path, verbs]) => Object.entries(verbs).forEach(([verb, operation]) => {
      if (operation.tags.includes(tag.name)) {
        section.append(operationBlock(api, path, verb, operation));
      }
    }));
    main.append(section);
  });
});
