// SPDX-License-Identifier: Apache-2.0
'use strict';

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  Object.entries(attributes || {}).forEach(([key, value]) => made.setAttribute(key, value));
  children.forEach((child) => made.append(child));
  return made;
}

/** Text in which `these` are code, and an empty line begins a paragraph. */
function prose(text) {
  return (text || '').split('\n\n').filter((part) => part.trim()).map((part) =>
    element('p', {}, ...part.split('`').map((piece, place) => place % 2 ? element('code', {}, piece) : piece)));
}

function cell(text, ...children) {
  const made = element('td');
  const [first, ...others] = prose(text);
  made.append(...(first ? first.childNodes : []), ...others, ...children);
  return made;
}

function answers(api, operation) {
  const table = element('table');
  Object.entries(operation.responses).forEach(([status, one]) => {
    const answer = resolve(api, one);
    const types = Object.keys(answer.content || {}).join(', ');
    const headers = Object.keys(answer.headers || {}).join(', ');
    table.append(element('tr', {}, element('td', {}, status, element('div', { class: 'muted' }, types)),
      cell(answer.description, element('div', { class: 'muted' }, headers))));
  });
  return table;
}

function resolve(api, node) {
  return node && node.$ref ? node.$ref.slice(2).split('/').reduce((at, part) => at[part], api) : node;
}

function parameterTable(api, operation, fields) {
  const table = element('table');
  (operation.parameters || []).map((one) => resolve(api, one)).forEach((parameter) => {
    const values = (parameter.schema && parameter.schema.enum) || [];
    const input = values.length > 0
      ? element('select', { 'aria-label': parameter.name }, element('option', { value: '' }),
        ...values.map((value) => element('option', { value }, value)))
      : element('input', { 'aria-label': parameter.name, placeholder: parameter.required ? 'required' : '' });
    fields.push({ parameter, input });
    table.append(element('tr', {},
      element('td', {}, parameter.name, element('div', { class: 'muted' }, parameter.in)),
      cell(parameter.description, input)));
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
  const inside = element('div', {}, ...prose(operation.description));
  if ((operation.parameters || []).length > 0) {
    inside.append(element('h3', {}, 'Parameters'), parameterTable(api, operation, fields));
  }
  const requestBody = operation.requestBody && operation.requestBody.content;
  const type = requestBody && Object.keys(requestBody)[0];
  let body = null;
  if (requestBody) {
    body = element('textarea', { rows: 5, 'aria-label': 'body' });
    inside.append(element('h3', {}, 'Body'), element('p', { class: 'muted' }, Object.keys(requestBody).join(', ')),
      ...prose(operation.requestBody.description), body);
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
  inside.append(element('h3', {}, 'Answers'), answers(api, operation));
  return element('details', {},
    element('summary', {}, element('b', { class: verb }, verb.toUpperCase()), element('code', {}, path),
      element('span', {}, operation.summary || '')),
    inside);
}

fetch('/openapi.json').then((answer) => answer.json()).then((api) => {
  const main = document.getElementById('main');
  main.replaceChildren();
  api.tags.forEach((tag) => {
    const section = element('section', {}, element('h2', {}, tag.name), ...prose(tag.description));
    Object.entries(api.paths).forEach(([path, verbs]) => Object.entries(verbs).forEach(([verb, operation]) => {
      if (operation.tags.includes(tag.name)) {
        section.append(operationBlock(api, path, verb, operation));
      }
    }));
    main.append(section);
  });
}).catch((failure) => {
  document.getElementById('main').textContent = '/openapi.json cannot be shown: ' + failure;
});
